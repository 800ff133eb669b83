"""The local AWS keeps its hands off the environment that other threads look at."""

from __future__ import annotations

import os
import threading

from gt_vpc_nb.local import behind


def test_who_walks_through_the_environment_is_not_disturbed(monkeypatch):
    monkeypatch.setenv("AWS_CONFIG_FILE", "/a/config")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/a/credentials")
    done, disturbed = threading.Event(), []

    def walk():
        while not done.is_set():
            try:
                dict(os.environ.items())
            except KeyError as error:
                disturbed.append(error)

    walker = threading.Thread(target=walk)
    walker.start()
    for _ in range(2000):
        with behind._scrubbed():
            assert os.environ["AWS_CONFIG_FILE"] == os.devnull
    done.set()
    walker.join()
    assert disturbed == []
    assert os.environ["AWS_CONFIG_FILE"] == "/a/config"
    assert os.environ["AWS_SHARED_CREDENTIALS_FILE"] == "/a/credentials"
