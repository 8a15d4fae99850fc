"""Through whom do jobs reach workers? The Celery app of these settings: the embedded broker, or Redis or AMQP by URL.

A message carries a job's id and nothing else. Jobs are rows, so a broker that loses or repeats messages does no harm.
"""

from importlib.util import find_spec
from typing import Any

from celery import Celery

from gator.errors import Refused, Unavailable
from gator.settings import Settings
from gpu_worker import broker

WORK = "gator.work"  # the one task: (job id)
QUEUE = "gator"
_SERVERS = ("redis", "rediss", "redis+socket", "amqp", "amqps")

# Without these Redis hands a message of a dead worker on after 100 s only (kombu sweeps every `interval` x `throttle`).
_REDIS: dict[str, Any] = {
    "visibility_timeout": 600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
}


def make_app(settings: Settings) -> Celery:
    """The app; it connects when it is used. Raises Refused for a broker URL that we do not know."""
    app = Celery("gator", set_as_current=False)
    url, options = _broker(settings)
    app.conf.update(
        broker_url=url,
        broker_transport_options=options,
        broker_connection_timeout=2,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        task_default_queue=QUEUE,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_publish_retry=False,  # the worker finds a job whose message was not sent
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_cancel_long_running_tasks_on_connection_loss=True,  # those acknowledged late: none; unset it warns
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
    )
    return app


def _broker(settings: Settings) -> tuple[str, dict[str, Any]]:
    if not settings.broker_url:
        broker.register()
        return f"{broker.SCHEME}://embedded", {"folder": str(settings.home.resolve() / "broker")}
    scheme = settings.broker_url.partition("://")[0]
    if scheme not in _SERVERS:
        raise Refused(
            "GATOR_BROKER_URL must begin with redis:// or amqp://.", remedy="Unset it for the embedded broker."
        )
    if not scheme.startswith("redis"):
        return settings.broker_url, {}
    if find_spec("redis") is None:
        raise Unavailable("Redis needs its client library.", remedy='Install it: pip install "celery[redis]".')
    return settings.broker_url, _REDIS
