# syntax=docker/dockerfile:1
ARG PYTHON=3.13
FROM docker.io/library/python:${PYTHON}-slim AS build

WORKDIR /build
RUN python3 -m venv /opt/smokejumper
ENV PATH=/opt/smokejumper/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY locks/runtime.txt locks/build.txt locks/
RUN pip install --quiet --no-deps --require-hashes -r locks/runtime.txt
# What builds the package stays out of the image.
RUN python3 -m venv /opt/builder \
 && /opt/builder/bin/pip install --quiet --no-deps --require-hashes -r locks/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY handlers handlers
RUN /opt/builder/bin/python -m pip wheel --quiet --no-deps --no-build-isolation --wheel-dir dist . \
 && pip install --quiet --no-deps --no-index dist/*.whl \
 && python3 -m compileall -q /opt/smokejumper/lib

FROM docker.io/library/python:${PYTHON}-slim

LABEL org.opencontainers.image.title="Smokejumper" \
      org.opencontainers.image.description="The first responder for broken builds" \
      org.opencontainers.image.licenses="MIT"
RUN groupadd --gid 10001 smokejumper \
 && useradd --uid 10001 --gid smokejumper --no-create-home --home-dir /data smokejumper \
 && install -d -o smokejumper -g smokejumper /data /app
COPY --from=build /opt/smokejumper /opt/smokejumper
ENV PATH=/opt/smokejumper/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    XDG_CACHE_HOME=/data/cache \
    DATABASE_URL=sqlite:////data/smokejumper.db \
    SMOKEJUMPER_LISTEN=0.0.0.0:8080
# settings.toml is mounted here; all that the bot writes goes to /data.
WORKDIR /app
VOLUME /data
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["smokejumper", "health"]
ENTRYPOINT ["smokejumper"]
CMD ["serve"]
