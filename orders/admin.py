"""Orders and their traffic, to look at only: statuses change by what people and suppliers do, on the order's page."""

from django.contrib import admin

from orders.models import (
    Amendment,
    AmendmentLine,
    Approval,
    CallbackRefusal,
    InboundMessage,
    OrderDay,
    OrderEvent,
    OrderMail,
    PurchaseOrder,
    PurchaseOrderLine,
    Site,
    SiteCalendar,
    SiteClosure,
    TransferJob,
)
from suppliers.admin.read_only import ReadOnlyAdmin, ReadOnlyInline


class LineInline(ReadOnlyInline):
    model = PurchaseOrderLine
    fields = [
        *("line_number", "supplier_sku", "description", "quantity", "unit", "unit_price"),
        *("confirmed_quantity", "confirmed_price", "promised_date", "shipped_quantity", "received_quantity"),
    ]


class ApprovalInline(ReadOnlyInline):
    model = Approval
    fields = ["decision", "by", "at", "comment", "withdrawn_at", "withdrawn_reason"]


@admin.register(PurchaseOrder)
class PurchaseOrderAdmin(ReadOnlyAdmin):
    list_display = ["number", "supplier", "status", "site", "currency", "created_at", "supplier_reference"]
    list_filter = ["status", "supplier", "site"]
    list_select_related = ["supplier", "site"]
    search_fields = ["number", "buyer_reference", "supplier_reference"]
    date_hierarchy = "created_at"
    show_full_result_count = False
    inlines = [LineInline, ApprovalInline]
    fields = [
        *("number", "buyer_reference", "supplier", "site", "status", "version", "origin", "currency"),
        *("requested_date", "delivery_fee", "surcharge", "note", "comment", "replaces", "supplier_reference"),
        *("created_at", "created_by", "last_edited_by", "transferred_at", "answered_at", "shipped_at"),
    ]


@admin.register(TransferJob)
class TransferJobAdmin(ReadOnlyAdmin):
    list_display = ["order", "status", "created_at", "attempts", "next_run_at", "error_kind"]
    list_filter = ["status", "error_kind"]
    list_select_related = ["order"]
    search_fields = ["order__number", "order__buyer_reference"]


class AmendmentLineInline(ReadOnlyInline):
    model = AmendmentLine
    fields = ["line", "before_quantity", "before_price", "quantity", "unit_price"]


@admin.register(Amendment)
class AmendmentAdmin(ReadOnlyAdmin):
    list_display = ["order", "kind", "status", "created_at", "attempts", "next_run_at", "error_kind"]
    list_filter = ["kind", "status", "error_kind"]
    list_select_related = ["order"]
    search_fields = ["order__number", "order__buyer_reference"]
    inlines = [AmendmentLineInline]


@admin.register(InboundMessage)
class InboundMessageAdmin(ReadOnlyAdmin):
    list_display = ["received_at", "supplier", "channel", "status", "message_id"]
    list_filter = ["status", "channel", "supplier"]
    list_select_related = ["supplier"]
    search_fields = ["message_id", "orders__number"]
    fields = [
        *("supplier", "message_id", "channel", "content_type", "headers", "body_text", "received_at"),
        *("status", "attempts", "processed_at", "orders", "error"),
    ]


@admin.register(OrderEvent)
class OrderEventAdmin(ReadOnlyAdmin):
    list_display = ["at", "order", "kind", "by", "via", "text"]
    list_filter = ["kind", "via"]
    list_select_related = ["order", "by"]
    search_fields = ["order__number", "text"]
    show_full_result_count = False


@admin.register(OrderMail)
class OrderMailAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "order", "kind", "status", "sent_to", "attempts", "next_run_at", "error"]
    list_filter = ["status", "kind"]
    list_select_related = ["order"]
    search_fields = ["order__number", "sent_to"]


@admin.register(CallbackRefusal)
class CallbackRefusalAdmin(ReadOnlyAdmin):
    list_display = ["day", "supplier_code", "reason", "count"]
    list_filter = ["reason", "supplier_code"]


class SiteCalendarInline(admin.StackedInline):
    model = SiteCalendar


class SiteClosureInline(admin.TabularInline):
    model = SiteClosure
    extra = 0


@admin.register(OrderDay)
class OrderDayAdmin(admin.ModelAdmin):
    list_display = ["supplier", "site", "weekday", "until"]
    list_filter = ["supplier", "site"]
    list_select_related = ["supplier", "site"]


@admin.register(Site)
class SiteAdmin(admin.ModelAdmin):
    inlines = [SiteCalendarInline, SiteClosureInline]
    list_display = ["code", "name", "city", "country"]
    search_fields = ["code", "name"]
