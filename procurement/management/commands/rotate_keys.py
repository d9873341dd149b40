"""Encrypt all stored credentials with the first of CREDENTIAL_KEYS, so that the old keys can be dropped."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from procurement.services.keys import KeyRotationRefused, credentials_rotate


class Command(BaseCommand):
    help = "Encrypt all stored credentials with the first key of CREDENTIAL_KEYS, all or none."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            rotated = credentials_rotate()
        except KeyRotationRefused as error:
            raise CommandError(str(error)) from None
        for kind in rotated:
            self.stdout.write(f"{kind.label}: {kind.count} encrypted with the first key.")
        self.stdout.write("Once every process runs with the new list, the older keys may be taken out of it.")
