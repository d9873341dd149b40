"""Which of our customer accounts at the supplier an order is for: told by the place of delivery."""

from suppliers.exceptions import ConnectorConfigurationError
from suppliers.messages import Address


class CustomerAccounts:
    """From a setting like "Depot = ACC-1; SW1A 1AA = ACC-2": codes, names or postcodes of places."""

    def __init__(self, setting: str, default: str) -> None:
        self.default = default.strip()
        self._codes: dict[str, str] = {}
        for pair in filter(None, (part.strip() for part in setting.replace("\n", ";").split(";"))):
            place, sign, code = (piece.strip() for piece in pair.rpartition("="))
            if not (sign and place and code):
                raise ConnectorConfigurationError(
                    f"The customer accounts contain {pair!r}; expected a delivery place = an account code."
                )
            if self._codes.setdefault(_folded(place), code) != code:
                raise ConnectorConfigurationError(f"The customer accounts name {place!r} twice.")

    def of(self, place: Address) -> str:
        for name in (place.code, place.name, place.postcode):
            if code := self._codes.get(_folded(name)):
                return code
        if self._codes and not self.default:
            raise ConnectorConfigurationError(
                f"No customer account is set for deliveries to {place.name}, nor one for all other places."
            )
        return self.default

    @property
    def every(self) -> list[str]:
        """Each code once, the default first; without any, the platform knows our only account."""
        codes = [code for code in (self.default, *self._codes.values()) if code]
        return list(dict.fromkeys(codes)) or [""]

    @property
    def main(self) -> str:
        """The one whose products and prices are fetched."""
        return self.every[0]


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()
