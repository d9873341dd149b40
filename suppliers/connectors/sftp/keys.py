"""The supplier's host key, which we must know beforehand, and the key that we sign in with."""

import re

import asyncssh

from suppliers.exceptions import ConnectorConfigurationError

_PEM = re.compile(r"-----BEGIN ([A-Z ]+)-----(.*?)-----END \1-----", re.DOTALL)


def host_keys(setting: str) -> list[asyncssh.SSHKey]:
    """Public keys as in `known_hosts` or a `.pub` file, separated by commas; several while a supplier changes its key.
    Raises `ConnectorConfigurationError`.
    """
    keys = []
    for text in filter(None, (part.strip() for part in re.split("[,\n]", setting))):
        # `ssh-keyscan` puts the host before the key
        words = text.split()
        start = 1 if len(words) > 2 and not words[0].startswith(("ssh-", "ecdsa-", "sk-")) else 0
        try:
            keys.append(asyncssh.import_public_key(" ".join(words[start : start + 2])))
        except (asyncssh.KeyImportError, ValueError):
            raise ConnectorConfigurationError(
                "The host key is not a public key. It looks like: ssh-ed25519 AAAAC3Nza... "
                "Ask the supplier for it; `ssh-keyscan` shows it too, unproved."
            ) from None
    if not keys:
        raise ConnectorConfigurationError("The supplier's host key is missing.")
    return keys


def private_key(text: str, passphrase: str | None) -> asyncssh.SSHKey:
    """Our own key, also where a one-line field has swallowed its line breaks."""
    if found := _PEM.search(text):
        name, body = found[1], "\n".join(found[2].split())
        text = f"-----BEGIN {name}-----\n{body}\n-----END {name}-----\n"
    try:
        return asyncssh.import_private_key(text, passphrase)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, ValueError):
        raise ConnectorConfigurationError(
            "The private key cannot be read: it is not a private key, or its passphrase is wrong or missing."
        ) from None
