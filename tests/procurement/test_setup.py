"""`manage.py setup` makes what every installation needs, and can be repeated."""

import io
import stat
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_q.models import Schedule

from orders.models import Site
from procurement.models import PlanningPolicy
from procurement.schedules import PERIODIC_JOBS
from procurement.services.demo_logins import demo_logins_path, demo_logins_read

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def new_installation(settings: object, tmp_path: object) -> None:
    settings.VAR_DIR = tmp_path
    Group.objects.all().delete()


def setup(**options: bool) -> str:
    out = io.StringIO()
    call_command("setup", stdout=out, **options)
    return out.getvalue()


def may(role: str) -> set[str]:
    rows = Permission.objects.filter(group__name=role).values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


def test_setup_makes_roles_jobs_site_and_policy() -> None:
    said = setup()
    assert "Buyer, Approver, Administrator" in said
    assert set(Schedule.objects.values_list("func", flat=True)) == {job.task for job in PERIODIC_JOBS}
    assert PlanningPolicy.objects.get().site == Site.objects.get(code="main")
    assert not User.objects.exists()


def test_setup_separates_the_duties() -> None:
    setup()
    assert "orders.change_purchaseorder" in may("Buyer")
    assert "orders.approve_purchaseorder" not in may("Buyer")
    assert "orders.approve_purchaseorder" in may("Approver")
    assert "orders.change_purchaseorder" not in may("Approver")
    administrator = may("Administrator")
    assert {"suppliers.add_suppliercredential", "procurement.change_planningpolicy"} <= administrator
    assert not administrator & {"orders.approve_purchaseorder", "orders.change_purchaseorder"}
    for role in ("Buyer", "Approver"):
        assert not [name for name in may(role) if "credential" in name or name.startswith("auth.")]


def test_setup_restores_roles_and_leaves_the_rest_alone_when_repeated() -> None:
    setup()
    Group.objects.get(name="Buyer").permissions.add(Permission.objects.get(codename="approve_purchaseorder"))
    Site.objects.update(code="leeds")
    soon = timezone.now() + timedelta(seconds=7)
    Schedule.objects.filter(name="sweep").update(next_run=soon, minutes=7)
    Schedule.objects.filter(name="prune").update(next_run="2031-01-01T00:00Z")
    Schedule.objects.create(name="gone", func="orders.tasks.gone", schedule_type=Schedule.DAILY)
    Schedule.objects.create(name="sweep", func="orders.tasks.sweep", schedule_type=Schedule.DAILY)
    theirs = Schedule.objects.create(name="theirs", func="somebody.elses", schedule_type=Schedule.DAILY)
    said = setup()
    assert "Mended: “Look after transfers and answers” was changed in the schedule table itself" in said
    assert "its next run is later than it should be" in said
    assert "Mended" not in setup()
    assert Schedule.objects.get(name="prune").next_run < timezone.now() + timedelta(days=2)
    assert "orders.approve_purchaseorder" not in may("Buyer")
    assert Site.objects.get().code == "leeds"
    sweep = Schedule.objects.get(name="sweep")
    assert (sweep.next_run, sweep.minutes, sweep.schedule_type) == (soon, 1, Schedule.MINUTES)
    assert set(Schedule.objects.values_list("name", flat=True)) == {job.name for job in PERIODIC_JOBS} | {
        theirs.name
    }


def test_setup_makes_demo_logins_that_stay_the_same() -> None:
    assert all(login in setup(demo_logins=True) for login in ("buyer", "approver", "admin"))
    first = demo_logins_read()
    setup(demo_logins=True)
    assert demo_logins_read() == first
    assert stat.S_IMODE(demo_logins_path().stat().st_mode) == 0o600
    for login in first:
        user = User.objects.get(username=login.username)
        assert user.check_password(login.password)
        assert [group.name for group in user.groups.all()] == [login.role]
        assert user.is_staff == (login.role == "Administrator")
        assert not user.is_superuser
    assert len({login.password for login in first}) == 3


def test_setup_makes_new_passwords_when_the_file_was_lost_or_spoilt() -> None:
    setup(demo_logins=True)
    demo_logins_path().write_text("buyer\nnobody x\nadmin kept-password\n")
    setup(demo_logins=True)
    logins = {login.username: login.password for login in demo_logins_read()}
    assert logins["admin"] == "kept-password"
    assert all(User.objects.get(username=name).check_password(word) for name, word in logins.items())


def test_setup_refuses_demo_logins_in_production(settings: object) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="createsuperuser"):
        setup(demo_logins=True)
    assert not User.objects.exists()
