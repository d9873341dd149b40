"""What an administrator says about a folder, and whether it can be right."""

import re
from pathlib import PurePosixPath

from suppliers.connectors.account import CredentialField, SettingField
from suppliers.connectors.sftp.keys import host_keys
from suppliers.exceptions import ConnectorConfigurationError

FILE_KINDS = ("stock", "demand", "customer_orders", "catalogue")
AFTER = ("move", "keep")
PLACES = ("folder", "sftp")
PATTERN = re.compile(r"[^/\x00-\x1f\x7f]{1,100}")

CREDENTIALS = (
    CredentialField("username", "User name", required=False, secret=False, help="For sftp."),
    CredentialField("password", "Password", required=False, help="For sftp, where no private key is used."),
    CredentialField("private_key", "Private key", required=False, help="For sftp; in OpenSSH or PEM form."),
    CredentialField("private_key_passphrase", "Passphrase of the private key", required=False),
)
SETTINGS = (
    SettingField(
        "place",
        "Where they lie",
        default="folder",
        required=True,
        help="folder: in a folder of this server. sftp: on an SFTP server.",
    ),
    SettingField(
        "folder",
        "Folder",
        help="For folder: below DROP_DIR of the server, such as warehouse/stock. Only files in it are read, none in "
        "folders of it.",
        example="warehouse",
    ),
    SettingField("host", "Host", help="For sftp, such as sftp.example.com."),
    SettingField("port", "Port", default="22"),
    SettingField(
        "host_key",
        "Host key",
        help="For sftp: the server's public host key, such as ssh-ed25519 AAAA... No other is accepted. While it "
        "changes, two with a comma between them.",
    ),
    SettingField("remote_folder", "Folder on the server", default=".", help="For sftp."),
    SettingField(
        "pattern",
        "File names",
        default="*",
        help="Such as stock*.csv: * stands for anything, ? for one letter. Case matters. Others are left alone.",
        required=True,
    ),
    SettingField(
        "holds", "What the files hold", default="stock", help=f"{', '.join(FILE_KINDS)}.", required=True
    ),
    SettingField(
        "after",
        "After reading",
        default="move",
        help="move: to done/ in the folder, what cannot be read to refused/, with the reason beside it. "
        "keep: files stay where they are, and each is read again once it has changed.",
        required=True,
    ),
)


def setting_problem(name: str, value: str) -> str:
    match name:
        case "folder" if value:
            return folder_problem(value)
        case "place" if value not in PLACES:
            return "folder or sftp."
        case "host" if value and not re.fullmatch(r"[A-Za-z0-9.:_-]+", value):
            return "Only the name of the host, such as sftp.example.com."
        case "port" if not re.fullmatch(r"[0-9]{1,5}", value) or not 1 <= int(value) <= 65535:
            return "Enter a number from 1 to 65535."
        case "host_key" if value:
            return _key_problem(value)
        case "private_key" if "PRIVATE KEY" not in value:
            return "This is not a private key. It begins with -----BEGIN ... PRIVATE KEY-----."
        case "remote_folder" if ".." in value.split("/") or not re.fullmatch(r"[^\x00-\x1f\\]{1,200}", value):
            return "The name of a folder on the server, without .. and backslashes."
        case "pattern" if not PATTERN.fullmatch(value):
            return "A name such as stock*.csv, without folders."
        case "holds" if value not in FILE_KINDS:
            return f"One of {', '.join(FILE_KINDS)}."
        case "after" if value not in AFTER:
            return "move or keep."
    return ""


def _key_problem(value: str) -> str:
    try:
        host_keys(value)
    except ConnectorConfigurationError as error:
        return str(error)
    return ""


def folder_problem(value: str) -> str:
    path = PurePosixPath(value)
    if any(ord(char) < 32 for char in value) or len(value) > 200:
        return "Enter the name of a folder, such as warehouse/stock."
    if path.is_absolute() or ".." in path.parts or "\\" in value or value.startswith("~"):
        return "Only a folder below DROP_DIR: no / or ~ in front, no .. and no backslash."
    return ""
