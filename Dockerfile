# One image for the server, the worker and the commands. Build tools are only in the first stage.

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /src
RUN python -m venv /opt/taskstead
# Dependencies change rarely, so their layer comes first. All are pinned by hash in the lock file.
COPY requirements/run.txt requirements/run.txt
RUN /opt/taskstead/bin/python -m pip install --require-hashes --no-deps -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
# The web app. Python of this stage installs Node, which the image does not contain.
COPY scripts/__init__.py scripts/web.py scripts/
COPY requirements/web.txt requirements/web.txt
COPY web web
RUN python -m scripts.web
COPY src src
RUN /opt/taskstead/bin/python -m pip install --no-deps --no-build-isolation . \
    && /opt/taskstead/bin/python -m compileall -q /opt/taskstead/lib \
    && /opt/taskstead/bin/python -m pip uninstall --yes hatchling pip

FROM python:3.13-slim-bookworm
RUN groupadd --system --gid 10001 taskstead \
    && useradd --system --uid 10001 --gid 10001 --home-dir /data --shell /usr/sbin/nologin taskstead \
    && install --directory --owner=10001 --group=10001 --mode=700 /data
COPY --from=build /opt/taskstead /opt/taskstead
ENV PATH=/opt/taskstead/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    TASKSTEAD_DATA_DIR=/data \
    TASKSTEAD_ENVIRONMENT=production \
    TASKSTEAD_HOST=0.0.0.0
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
# Liveness only: any response counts, also 421 for an unknown host (TASKSTEAD_ALLOWED_HOSTS). Readiness
# is checked by the load balancer. The worker does not listen; compose.yaml disables this check for it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import http.client, os; c = http.client.HTTPConnection('127.0.0.1', int(os.environ.get('TASKSTEAD_PORT', 8000)), timeout=4); c.request('GET', '/health/live'); c.getresponse()"]
ENTRYPOINT ["taskstead"]
CMD ["serve"]
