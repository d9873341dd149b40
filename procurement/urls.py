"""All addresses, in the order the goods go."""

from django.contrib import admin
from django.urls import path

from procurement.health import healthz

urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", healthz),
]
