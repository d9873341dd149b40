from django.urls import path

from suppliers import decision_pages, views

urlpatterns = [
    path("", views.supplier_list, name="supplier-list"),
    path("<slug:code>/", views.supplier, name="supplier"),
    path("<slug:code>/decide/", decision_pages.decide, name="supplier-decide"),
    path("<slug:code>/decisions/<int:pk>/undo/", decision_pages.undo, name="supplier-decision-undo"),
    path("<slug:code>/check/", views.check, name="supplier-check"),
    path("<slug:code>/calls/<int:pk>/", views.call, name="supplier-call"),
    path(
        "<slug:code>/calls/<int:pk>/sent/",
        views.call_bytes,
        {"direction": "sent"},
        name="supplier-call-sent",
    ),
    path(
        "<slug:code>/calls/<int:pk>/received/",
        views.call_bytes,
        {"direction": "received"},
        name="supplier-call-received",
    ),
]
