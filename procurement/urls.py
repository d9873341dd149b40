"""All addresses, in the order the goods go."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path

from orders.callbacks import callback
from procurement.health import healthz
from procurement.views import home, plans, receiving, sources, stock

urlpatterns = [
    path("", home.home, name="home"),
    path("stock/", stock.stock, name="stock"),
    path("stock/sources/", sources.source_list, name="source-list"),
    path("stock/sources/<slug:code>/", sources.source, name="source"),
    path("stock/sources/<slug:code>/run/", sources.run_now, name="source-run"),
    path("stock/sources/<slug:code>/stop/", sources.stop, name="source-stop"),
    path("stock/sources/<slug:code>/check/", sources.check, name="source-check"),
    path("plan/", plans.plan_list, name="plan-list"),
    path("plan/start/", plans.plan_start, name="plan-start"),
    path("plan/<int:pk>/", plans.plan_run, name="plan-run"),
    path("plan/<int:pk>/items/<int:requirement>/", plans.item, name="plan-item"),
    path("", include("orders.urls")),
    path("orders/<str:number>/receive/", receiving.receive, name="goods-receive"),
    path("suppliers/", include("suppliers.urls")),
    path("callbacks/<str:code>/", callback, name="callback"),
    path("callbacks/<str:code>/<path:rest>", callback, name="callback-below"),
    path("login/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("theme/", home.theme, name="theme"),
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("api/", include("procurement.api_urls")),
]
