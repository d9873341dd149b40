"""One login a role for trying the system out, with passwords made on this machine. Never in production."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from procurement.services.roles import ADMINISTRATOR, APPROVER, BUYER

USERS = {"buyer": BUYER, "approver": APPROVER, "admin": ADMINISTRATOR}


@dataclass(frozen=True, slots=True)
class DemoLogin:
    username: str
    password: str
    role: str


def demo_logins_path() -> Path:
    return Path(settings.VAR_DIR) / "demo-logins.txt"


def demo_logins_read() -> list[DemoLogin]:
    """The logins made earlier; nothing if there are none."""
    try:
        lines = demo_logins_path().read_text().splitlines()
    except FileNotFoundError:
        return []
    rows = (line.split() for line in lines if line.strip())
    return [DemoLogin(row[0], row[1], USERS[row[0]]) for row in rows if len(row) == 2 and row[0] in USERS]


@transaction.atomic
def demo_logins_ensure() -> list[DemoLogin]:
    """The same users with the same passwords as last time, or new ones. Roles must exist."""
    if settings.PRODUCTION:
        raise ImproperlyConfigured("Demo logins are not made in production; use `manage.py createsuperuser`.")
    passwords = {login.username: login.password for login in demo_logins_read()}
    logins = []
    for username, role in USERS.items():
        login = DemoLogin(username, passwords.get(username) or secrets.token_urlsafe(9), role)
        user, _ = User.objects.get_or_create(
            username=username,
            # reserved for examples: mail to it goes nowhere, wherever it is sent from
            defaults={"is_staff": role == ADMINISTRATOR, "email": f"{username}@example.com"},
        )
        if not user.check_password(login.password):
            user.set_password(login.password)
            user.save(update_fields=["password"])
        user.groups.set([Group.objects.get(name=role)])
        logins.append(login)
    path = demo_logins_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text("".join(f"{login.username} {login.password}\n" for login in logins))
    return logins
