from django.contrib import admin

from suppliers.admin.read_only import ReadOnlyAdmin
from suppliers.models import ConnectorCall


@admin.register(ConnectorCall)
class ConnectorCallAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "supplier", "operation", "method", "status", "duration_ms", "reference"]
    list_filter = ["supplier", "operation", "status"]
    list_select_related = ["supplier"]
    search_fields = ["reference", "url"]
    date_hierarchy = "started_at"
    show_full_result_count = False
    fields = [
        *("supplier", "operation", "started_at", "duration_ms", "method", "url", "reference"),
        *("attempt", "message_id", "request_size", "response_size"),
        *("status", "error", "request_text", "response_text"),
    ]
