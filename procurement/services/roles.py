"""The three roles and exactly what each may do.
Groups are set to this list: a permission added by hand is taken back.
"""

from django.contrib.auth.models import Group, Permission
from django.db import transaction

BUYER = "Buyer"
APPROVER = "Approver"
ADMINISTRATOR = "Administrator"

READ = (
    "orders.view_amendment",
    "orders.view_amendmentline",
    "orders.view_approval",
    "orders.view_inboundmessage",
    "orders.view_orderday",
    "orders.view_orderevent",
    "orders.view_ordermail",
    "orders.view_orderexception",
    "orders.view_purchaseorder",
    "orders.view_purchaseorderline",
    "orders.view_receipt",
    "orders.view_shipment",
    "orders.view_site",
    "orders.view_sitecalendar",
    "orders.view_siteclosure",
    "orders.view_transferjob",
    "procurement.view_columnmapping",
    "procurement.view_alert",
    "procurement.view_customerorder",
    "procurement.view_itemcode",
    "procurement.view_unitconversion",
    "procurement.view_unmatchedcode",
    "procurement.view_dailydemand",
    "procurement.view_fileimport",
    "procurement.view_importedrow",
    "procurement.view_jobrun",
    "procurement.view_classservicelevel",
    "procurement.view_itempolicy",
    "procurement.view_planningpolicy",
    "procurement.view_planrun",
    "procurement.view_plantimer",
    "procurement.view_pricechange",
    "procurement.view_likeitem",
    "procurement.view_promotion",
    "procurement.view_replayrun",
    "procurement.view_requirement",
    "procurement.view_sourceaccount",
    "procurement.view_sourcecall",
    "procurement.view_sourceevent",
    "procurement.view_sourceproblem",
    "procurement.view_sourcerun",
    "procurement.view_stockchange",
    "procurement.view_stockchoice",
    "procurement.view_stocklevel",
    "procurement.view_stockreservation",
    "procurement.view_stockout",
    "procurement.view_stockstatement",
    "procurement.view_storagearea",
    "suppliers.view_connectorcall",
    "suppliers.view_contractitem",
    "suppliers.view_exchangerate",
    "suppliers.view_pricequote",
    "suppliers.view_pricetier",
    "suppliers.view_product",
    "suppliers.view_sourcingdecision",
    "suppliers.view_deliveryrecord",
    "suppliers.view_supplier",
    "suppliers.view_suppliercalendar",
    "suppliers.view_supplierclosure",
    "suppliers.view_supplierproduct",
    "suppliers.view_supplierreliability",
)


def _manage(*models: str) -> tuple[str, ...]:
    pairs = (model.split(".") for model in models)
    return tuple(
        f"{app}.{action}_{name}" for app, name in pairs for action in ("view", "add", "change", "delete")
    )


# Who buys hears first that a supplier is closed.
CALENDARS = (
    *("orders.orderday", "orders.sitecalendar", "orders.siteclosure"),
    *("suppliers.suppliercalendar", "suppliers.supplierclosure"),
)

ROLES: dict[str, tuple[str, ...]] = {
    BUYER: (
        *READ,
        "orders.change_purchaseorder",
        "orders.add_receipt",
        "procurement.add_fileimport",
        "procurement.add_jobrun",
        "procurement.add_planrun",
        "procurement.add_replayrun",
        "procurement.change_pricechange",
        "procurement.add_sourcerun",
        "procurement.add_stockchoice",
        "suppliers.add_sourcingdecision",
        "suppliers.change_sourcingdecision",  # to undo one
        *_manage(
            "procurement.itemcode",
            "procurement.itempolicy",
            "procurement.likeitem",
            "procurement.plantimer",
            "procurement.promotion",
            "procurement.stockreservation",
            "procurement.unitconversion",
        ),
        *_manage(*CALENDARS),
    ),
    APPROVER: (*READ, "orders.approve_purchaseorder", "suppliers.change_exchangerate"),
    # Runs the system and buys nothing: neither edits nor approves an order.
    ADMINISTRATOR: (
        *READ,
        "orders.view_callbackrefusal",
        "procurement.view_eventrefusal",
        "procurement.add_fileimport",
        "procurement.add_jobrun",
        "procurement.change_jobsetting",
        "suppliers.change_exchangerate",  # to let a doubtful rate in
        "procurement.add_sourcerun",
        "procurement.add_stockchoice",
        *_manage(
            *CALENDARS,
            "orders.site",
            "procurement.classservicelevel",
            "procurement.itemcode",
            "procurement.itempolicy",
            "procurement.planningpolicy",
            "procurement.plantimer",
            "procurement.likeitem",
            "procurement.promotion",
            "procurement.sourceaccount",
            "procurement.sourcecredential",
            "procurement.storagearea",
            "procurement.unitconversion",
            "suppliers.contractitem",
            "suppliers.pricequote",
            "suppliers.pricetier",
            "suppliers.product",
            "suppliers.sourcingdecision",
            "suppliers.supplier",
            "suppliers.supplieraccount",
            "suppliers.suppliercredential",
            "suppliers.supplierproduct",
        ),
        "axes.view_accessattempt",
        "axes.delete_accessattempt",  # unlocks who typed a wrong password too often
        "auth.view_group",
        "auth.view_user",
        "auth.add_user",
        "auth.change_user",  # what an administrator may change of a user: procurement.admin
    ),
}


@transaction.atomic
def roles_ensure() -> list[Group]:
    """Make the groups, or bring them back to what is written above. Needs the migrated permissions."""
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")
    }
    groups = []
    for role, permissions in ROLES.items():
        group, _ = Group.objects.get_or_create(name=role)
        group.permissions.set([known[name] for name in dict.fromkeys(permissions)])
        groups.append(group)
    return groups
