"""Apache Spark for the time of one run: that of spark-submit, or one started here that says nothing."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qpcli.errors import ResourceError, UsageError

if TYPE_CHECKING:
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

DEFAULT_MASTER = "local[*]"
INSTALL = "Install it: pip install 'qpcli[spark]'"
INSTALL_JAVA = "Install Java 17 or later, and let JAVA_HOME or PATH lead to it."
CHECK_START = "Check --spark-master, and Java 17 or later; `spark-submit --version` tries both."
_LOOPBACK = "127.0.0.1"
_PACKAGE_PARENT = str(Path(__file__).parents[2])


def refuse_absent() -> None:
    """Raises UsageError QP110 where pyspark or Java is not installed; the versions are not looked at."""
    if find_spec("pyspark") is None:
        raise UsageError("QP110", "--engine spark needs pyspark.", INSTALL)
    if not _is_submitted() and not _has_java():
        raise UsageError("QP110", "--engine spark needs Java.", INSTALL_JAVA)


@contextmanager
def spark(master: str | None) -> Iterator[SparkSession]:
    """Spark, stopped at the end.

    `master` None: spark-submit's or that of Spark's own configuration, else every core of this machine. Raises
    QP110 as `refuse_absent`, ResourceError QP402 when Spark does not start.
    """
    refuse_absent()
    with _silenced():
        session = _started(master)
        try:
            yield session
        finally:
            # Whatever is wrong with Spark now has been said or no longer matters.
            with suppress(Exception):
                session.stop()


@contextmanager
def _silenced() -> Iterator[None]:
    """No advice for programmers and no log of what qpcli itself tells."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def _is_submitted() -> bool:
    """Whether spark-submit started this process and its Java."""
    return "PYSPARK_GATEWAY_PORT" in os.environ


def _has_java() -> bool:
    home = os.environ.get("JAVA_HOME")
    return (home is not None and (Path(home) / "bin" / "java").exists()) or shutil.which("java") is not None


def _started(master: str | None) -> SparkSession:
    from py4j.protocol import Py4JError
    from pyspark import SparkConf, SparkContext
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    try:
        gateway = _gateway(master)
        conf = SparkConf(_jvm=gateway.jvm)
        _configure(conf, master)
        with _signals_kept():
            context = SparkContext(conf=conf, gateway=gateway)
        return SparkSession(context)
    except (PySparkException, Py4JError, OSError, ValueError) as fault:
        raise ResourceError("QP402", "Apache Spark does not start.", CHECK_START) from fault


def _gateway(master: str | None) -> Any:
    """The way to Java: spark-submit's, an earlier run's in this process, else a new one that says nothing anywhere."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway

    if SparkContext._gateway is not None:
        return SparkContext._gateway
    # What is sent to a cluster beforehand depends on its kind.
    conf = SparkConf(loadDefaults=False) if master is None else SparkConf(loadDefaults=False).setMaster(master)
    # Spark's files on the way hold beneficiaries: only the owner reads them.
    mask = os.umask(0o077)
    try:
        with _signals_deferred():
            return launch_gateway(conf, {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL})
    finally:
        os.umask(mask)


def _configure(conf: SparkConf, master: str | None) -> None:
    """What Spark's own configuration does not say."""
    if master is not None:
        conf.setMaster(master)
    conf.setIfMissing("spark.master", DEFAULT_MASTER)
    conf.setIfMissing("spark.app.name", "qpcli")
    conf.setIfMissing("spark.log.level", "ERROR")
    conf.setIfMissing("spark.ui.showConsoleProgress", "false")
    # As many threads as Spark thinks a task takes: tasks share the cores.
    conf.setIfMissing("spark.executorEnv.POLARS_MAX_THREADS", str(conf.get("spark.task.cpus", "1")))
    if str(conf.get("spark.master")).startswith("local"):
        _configure_local(conf)


def _configure_local(conf: SparkConf) -> None:
    """Workers on this machine: this Python, this qpcli, and no door to a network."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    paths = [_PACKAGE_PARENT, *filter(None, [os.environ.get("PYTHONPATH")])]
    conf.setIfMissing("spark.executorEnv.PYTHONPATH", os.pathsep.join(paths))
    conf.set("spark.ui.enabled", "false")
    conf.set("spark.driver.host", _LOOPBACK)
    conf.set("spark.driver.bindAddress", _LOOPBACK)


@contextmanager
def _signals_deferred() -> Iterator[None]:
    """Hear signals only at the end: Java left in the middle of its start would stay for ever."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    for number in (number for number, handler in handlers.items() if handler is not signal.SIG_IGN):
        signal.signal(number, lambda number, _frame: heard.append(number))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if heard:
            signal.raise_signal(heard[0])


@contextmanager
def _signals_kept() -> Iterator[None]:
    """Spark takes the interrupt signal for itself: give it back."""
    handler = signal.getsignal(signal.SIGINT)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, handler)
