from django.urls import path

from suppliers import views

urlpatterns = [
    path("", views.supplier_list, name="supplier-list"),
    path("<slug:code>/", views.supplier, name="supplier"),
    path("<slug:code>/check/", views.check, name="supplier-check"),
    path("<slug:code>/calls/<int:pk>/", views.call, name="supplier-call"),
]
