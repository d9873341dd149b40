"""All addresses, in the order the goods go."""

from django.contrib import admin
from django.urls import include, path

from orders.callbacks import callback
from procurement.health import healthz

urlpatterns = [
    path("callbacks/<str:code>/", callback, name="callback"),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("api/", include("procurement.api_urls")),
]
