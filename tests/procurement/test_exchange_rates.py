"""Rates come in from files, jumps wait for a person, and the last known one counts for a while."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.utils import timezone

from procurement.models import FileImport
from suppliers.models import ExchangeRate
from suppliers.rates import QuotedRate
from suppliers.selectors import rate_standings, rates_in_force
from suppliers.services.rates import RateAlreadyDecided, RatesWritten, rate_accept, rate_refuse, rates_write
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def days(**values: str) -> RatesWritten:
    """d3="0.84": of three days ago."""
    told = {
        TODAY - timedelta(days=int(name[1:])): [
            QuotedRate(currency="EUR", quoted_in="GBP", value=Decimal(value))
        ]
        for name, value in values.items()
    }
    return rates_write(told=told, source="ECB")


def statuses() -> list[tuple[int, str, str]]:
    rows = ExchangeRate.objects.order_by("date", "status").values_list("date", "rate", "status")
    return [((TODAY - day).days, f"{rate:f}".rstrip("0"), status) for day, rate, status in rows]


def load(tmp_path, name: str, text: str) -> int:
    factories.site()
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    try:
        call_command("import_data", "exchange_rates", str(path), "--json")
    except SystemExit as end:
        return int(end.code)
    return 0


def test_file_is_loaded_and_the_same_again_changes_nothing(tmp_path, capsys):
    text = f"date;currency;rate\n{TODAY};EUR;0,8412\n{TODAY};USD;0,775312345\n"
    assert load(tmp_path, "rates.csv", text) == 0
    assert load(tmp_path, "rates.csv", text) == 0
    assert '"unchanged": 2' in capsys.readouterr().out
    assert str(rates_in_force().usable["EUR"]) == f"1 EUR = 0.8412 GBP of {TODAY:%-d %b %Y}, rates.csv"


def test_whole_file_can_be_undone(tmp_path):
    assert load(tmp_path, "rates.csv", f"date;currency;rate\n{TODAY};EUR;0.8412\n") == 0
    assert load(tmp_path, "rates.csv", f"date;currency;rate\n{TODAY};EUR;0.85\n{TODAY};USD;0.7753\n") == 0
    call_command("import_data", undo=FileImport.objects.latest("pk").pk)
    assert list(ExchangeRate.objects.values_list("currency", "rate")) == [("EUR", Decimal("0.8412"))]


def test_rows_that_are_no_rates_are_refused_by_line_and_the_others_kept(tmp_path, capsys):
    rows = (
        "EUR;0",
        "EUR;-1",
        "EUR;NaN",
        "EUR;1e9",
        "EUR;1000000000",
        "GBP;1",
        "USD;0.7",
        "USD;0.8",
        "EURO;1",
    )
    text = "date;currency;rate\n" + "".join(f"{TODAY};{row}\n" for row in rows)
    assert load(tmp_path, "rates.csv", text) == 2
    assert '"refused": 8' in capsys.readouterr().out
    assert list(ExchangeRate.objects.values_list("currency", "rate")) == [("USD", Decimal("0.7"))]


def test_central_banks_file_is_counted_in_our_currency(tmp_path):
    xml = (
        f'<a:E xmlns:a="urn:a" xmlns="urn:b"><Cube><Cube time="{TODAY}"><Cube currency="GBP" rate="0.8412"/>'
        f'<Cube currency="USD" rate="1.0850"/><Cube currency="JPY" rate="-1"/></Cube></Cube></a:E>'
    )
    assert load(tmp_path, "eurofxref.xml", xml) == 2  # a rate of the yen cannot be negative
    assert set(ExchangeRate.objects.values_list("currency", "rate")) == {
        ("EUR", Decimal("0.8412")), ("USD", Decimal("0.7753")),
    }  # fmt: skip


@pytest.mark.parametrize("text", ["", "<a/>", "<!DOCTYPE a []><a/>", '<Cube time="31.3.2026"/>', "no xml"])
def test_other_documents_are_refused_in_a_sentence(tmp_path, text):
    with pytest.raises(Exception, match=r"other\.xml"):
        load(tmp_path, "other.xml", text)


def test_jump_is_held_and_the_last_good_rate_stays():
    days(d3="0.84", d2="0.85")
    written = days(d1="8.5", d0="0.85")
    assert statuses() == [(3, "0.84", "accepted"), (2, "0.85", "accepted"), (1, "8.5", "held"),
                          (0, "0.85", "accepted")]  # fmt: skip
    assert "is held until a person has looked: 900.0 % above" in written.refused[0].reason


def test_correction_that_jumps_does_not_replace_what_it_corrects():
    days(d2="0.84", d1="0.85")
    days(d1="8.5")
    assert (1, "0.85", "accepted") in statuses()
    days(d1="0.86")  # corrected properly: what was held is overtaken
    assert statuses() == [(2, "0.84", "accepted"), (1, "0.86", "accepted")]


def test_accepted_jump_lets_those_after_it_in_and_a_refused_one_stays_out():
    days(d4="0.84", d3="1.00", d2="1.01", d1="9")
    approver = factories.user("Approver")
    assert len(rate_accept(rate=ExchangeRate.objects.get(rate=1), by=approver)) == 2
    rate_refuse(rate=ExchangeRate.objects.get(rate=9), by=approver)
    days(d1="9")  # told again
    assert [row[1:] for row in statuses()] == [("0.84", "accepted"), ("1.", "accepted"), ("1.01", "accepted"),
                                               ("9.", "refused")]  # fmt: skip


def test_of_two_people_who_decide_one_does():
    days(d1="0.84", d0="9")
    seen = ExchangeRate.objects.get(status="held")
    approver = factories.user("Approver")
    rate_refuse(rate=ExchangeRate.objects.get(pk=seen.pk), by=approver)
    with pytest.raises(RateAlreadyDecided, match="is not held any more"):
        rate_accept(rate=seen, by=approver)


def test_rate_that_changed_since_it_was_seen_is_not_accepted_unseen():
    days(d1="0.84", d0="9")
    seen = ExchangeRate.objects.get(status="held")
    days(d0="90")
    with pytest.raises(RateAlreadyDecided):
        rate_accept(rate=seen, by=factories.user("Approver"))


def test_last_known_rate_counts_over_weekends_and_not_for_ever(settings):
    days(d7="0.84")
    assert rates_in_force().usable["EUR"].value == Decimal("0.84")
    assert rates_in_force().problem("EUR") == ""
    settings.EXCHANGE_RATE_DAYS = 6
    assert "which is more than 6 days ago" in rates_in_force().problem("EUR")
    assert rates_in_force().problem("USD") == "no exchange rate of USD to GBP is known"
    assert rates_in_force().problem("GBP") == ""


def test_rates_of_another_base_currency_do_not_count(settings):
    days(d0="0.84")
    settings.BASE_CURRENCY = "USD"
    assert rates_in_force().problem("EUR") == "no exchange rate of EUR to USD is known"


def test_day_in_the_future_is_refused():
    far = rates_write(
        told={date(2100, 1, 1): [QuotedRate(currency="EUR", quoted_in="GBP", value=Decimal(1))]}, source="x"
    )
    assert far.refused[0].reason == "lies in the future"
    assert not ExchangeRate.objects.exists()


def test_currencies_that_suppliers_need_and_lack_stand_first():
    factories.supplier(currency="USD", name="Yankee")
    days(d0="0.84")
    standings = rate_standings()
    assert [(one.currency, one.suppliers) for one in standings] == [("USD", ("Yankee",)), ("EUR", ())]
    assert standings[0].problem
