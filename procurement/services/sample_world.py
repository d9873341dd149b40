"""Filling an installation with the sample world: a wholesaler's real order lines, six sandbox suppliers.

docs/sample-data.md says what is real and what is made. Safe to repeat: what is there already is left as it is.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from orders.models import Site
from procurement.models import DailyDemand, StockLevel
from procurement.sample import files, world
from procurement.services.records import RecordCounts, records_import
from suppliers.models import Supplier, SupplierAccount, SupplierCredential

CREDENTIALS = ("client_id", "client_secret", "webhook_secret")


def world_folder() -> Path:
    return Path(settings.VAR_DIR) / "sample"
