from django.apps import AppConfig


class ProcurementConfig(AppConfig):
    name = "procurement"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django_q.signals import pre_execute

        from procurement.workers import worker_beat

        pre_execute.connect(worker_beat, dispatch_uid="worker_beat")
