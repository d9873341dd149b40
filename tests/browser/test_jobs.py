"""The pages about background jobs in a real browser, at a desk and on a phone."""

import pytest
from playwright.sync_api import expect

from procurement.models import JobRun
from procurement.services.timetable import schedules_ensure
from tests.flow.background import work_off

pytestmark = pytest.mark.browser

WIDER_THAN_SCREEN = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.mark.parametrize("phone", [False, True], ids=["desk", "phone"])
def test_job_is_run_with_one_press_and_the_page_follows_by_itself(sign_in, phone) -> None:
    schedules_ensure()
    page = sign_in("Administrator", phone=phone)
    page.goto("/jobs/")
    assert not page.evaluate(WIDER_THAN_SCREEN)
    page.click("text=Throw away what nobody reads any more")
    page.dblclick("button:has-text('Run now')")
    expect(page.locator("#job .pill").first).to_contain_text("asked for")
    work_off()
    expect(page.locator("#job .pill").first).to_contain_text("done")  # without loading it again
    assert JobRun.objects.count() == 1
    assert not page.evaluate(WIDER_THAN_SCREEN)
