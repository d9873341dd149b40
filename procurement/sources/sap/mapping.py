"""Their words to ours: whose stock a row is, which item, and what a material's rows come to. Pure functions."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from procurement.sources.base import Entry, StockRecord, UnreadableRecord
from suppliers.connectors.jsondata import LIMIT, Json
from suppliers.connectors.units import UnitWords
from suppliers.exceptions import ConnectorConfigurationError, ProtocolError

QUANTITY = "MatlWrhsStkQtyInMatlBaseUnit"
KEYS = (
    "Material",
    "Plant",
    "StorageLocation",
    "Batch",
    "Supplier",
    "Customer",
    "WBSElementInternalID",
    "SDDocument",
    "SDDocumentItem",
    "InventorySpecialStockType",
    "InventoryStockType",
)
READ = (
    "Material",
    "Plant",
    "StorageLocation",
    "InventorySpecialStockType",
    "InventoryStockType",
    "MaterialBaseUnit",
    QUANTITY,
)
UNRESTRICTED = "01"
NOT_OURS = "-"


class Plants:
    """Whose stock it is, from a setting with lines like "1010 = main" and "1010/0002 = shop"."""

    def __init__(self, setting: str) -> None:
        self._sites: dict[str, str] = {}
        for said in filter(None, (line.strip() for line in re.split("[,\n]", setting))):
            place, sign, site = (piece.strip() for piece in said.partition("="))
            place = re.sub(r"\s*/\s*", "/", place)
            if (
                not sign
                or not re.fullmatch(r"\w{1,4}(/\w{1,4})?", place)
                or not re.fullmatch(r"-|[-\w]+", site)
            ):
                raise ConnectorConfigurationError(
                    f"The plants contain {said!r}; expected e.g. 1010 = main, or 1010/0002 = shop."
                )
            if place in self._sites:
                raise ConnectorConfigurationError(f"The plants name {place} twice.")
            self._sites[place] = site

    def site(self, plant: str, location: str) -> str | None:
        """The code of our site, or `NOT_OURS`; None where nobody said."""
        return self._sites.get(f"{plant}/{location}", self._sites.get(plant))

    def of_sites(self) -> dict[str, set[str]]:
        """The plants whose stock, or part of it, a site has."""
        found = defaultdict[str, set[str]](set)
        for place, site in self._sites.items():
            if site != NOT_OURS:
                found[site].add(place.partition("/")[0])
        return found


@dataclass(frozen=True, slots=True)
class Numbers:
    """How material numbers are written: those of digits are kept filled up with zeros, and mostly told without."""

    digits: int
    keep_zeros: bool

    def sku(self, material: str) -> str:
        if self.keep_zeros or not _digits(material):
            return material
        return material.lstrip("0") or "0"

    def kept(self, material: str) -> str:
        """As the system itself keeps it: right in a comparison whether or not it converts what it is asked."""
        return material.zfill(self.digits) if _digits(material) else material


def _digits(material: str) -> bool:
    return material.isascii() and material.isdigit()


def key_text(row: Json, name: str) -> str:
    """Blank is a value of a key, and so is none."""
    return row.get(name).note(limit=40)


@dataclass(slots=True)
class Material:
    """The rows of one material, added up as they come, so that any number of batches is a few sums."""

    number: str
    sku: str
    sums: dict[str, Decimal] = field(default_factory=dict)  # by site
    plants: set[str] = field(default_factory=set)  # where it lies, mapped or not
    unmapped: set[str] = field(default_factory=set)  # plant, or plant/storage location
    unit: str = ""
    problem: str = ""

    def add(self, row: Json, plants: Plants, units: UnitWords) -> None:
        if key_text(row, "InventoryStockType") != UNRESTRICTED or key_text(row, "InventorySpecialStockType"):
            return  # blocked, in inspection, or somebody else's; not asked for, either
        plant, location = key_text(row, "Plant"), key_text(row, "StorageLocation")
        site = plants.site(plant, location)
        self.plants.add(plant)
        if site is None:
            self.unmapped.add(plant)
        if site is None or site == NOT_OURS or self.problem:
            return
        try:
            # In their words, as it is said where the row cannot be read.
            said = Json(row.value, f"plant {plant}")
            unit = units.code(said.get("MaterialBaseUnit"))
            quantity = said.get(QUANTITY).written_number(negative=True)
            if self.unit and unit != self.unit:
                raise ProtocolError(f"its rows are counted in {self.unit} and in {unit}.")
            total = self.sums.get(site, Decimal(0)) + quantity
            if abs(total) >= LIMIT:
                raise ProtocolError(f"plant {plant}: its rows add up to more than can be kept.")
        except ProtocolError as error:
            self.problem = f"Material {self.sku}: {error}"[:400]
        else:
            self.unit, self.sums[site] = unit, total

    def entries(self) -> Sequence[Entry]:
        if self.problem:
            return [UnreadableRecord(external_id=self.sku, problem=self.problem)]
        return [
            StockRecord(line=0, external_id=self.sku, sku=self.sku, site=site, on_hand=total, unit=self.unit)
            for site, total in sorted(self.sums.items())
        ]


class Order:
    """Whether materials come one after the other, as asked: else a sum could lack rows that come later.

    Systems compare numbers as they keep them, with zeros or without; which of them shows only by what comes.
    """

    def __init__(self, numbers: Numbers, after: str) -> None:
        self._numbers = numbers
        self._last = after
        self._as_told, self._as_kept = True, True

    def proceed(self, material: str) -> bool:
        if self._last:
            self._as_told = self._as_told and self._last < material
            self._as_kept = self._as_kept and self._numbers.kept(self._last) < self._numbers.kept(material)
        self._last = material
        return self._as_told or self._as_kept


def of_plants(plants: Plants, seen: Counter[str], unmapped: Counter[str]) -> tuple[list[str], list[Entry]]:
    """After a whole reading: the sites all of whose plants were told of, and what is to be said about the others."""
    whole, problems = list[str](), list[Entry]()
    silent = set[str]()
    for site, needed in sorted(plants.of_sites().items()):
        silent |= needed - set(seen)
        if needed <= set(seen):
            whole.append(site)
    for plant in sorted(silent):
        words = (
            f"Plant {plant}: none of its stock was told, so its site's stock that was not told either is left as it"
            " was. Look at our user's permissions there, or take the plant out of the settings."
        )
        problems.append(UnreadableRecord(external_id=f"plant {plant}", problem=words))
    for plant, count in sorted(unmapped.items()):
        words = (
            f"Plant {plant}: stock of {count} material{'s' if count != 1 else ''} there belongs to no site of ours"
            f" and is left out. Name its site in the settings, or “{plant} = -” if it is none of ours."
        )
        problems.append(UnreadableRecord(external_id=f"plant {plant}", problem=words))
    return whole, problems
