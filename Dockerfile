# Two stages: the first installs the locked dependencies, the second runs, without root and without tools.
FROM python:3.11-slim AS build
WORKDIR /app
RUN python -m venv /venv
COPY requirements.lock ./
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY bot bot
COPY adapters adapters
COPY prefs prefs
RUN /venv/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
# A font with Chinese letters, for the demo's captions.
RUN apt-get update \
 && apt-get install -y --no-install-recommends fonts-wqy-microhei \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home --uid 10001 inkling \
 && install -d -o inkling /data
COPY --from=build /venv /venv
USER inkling
WORKDIR /home/inkling
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data LOG_FORMAT=json
VOLUME /data
EXPOSE 8787
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ.get('WEB_PORT', '8787') + '/healthz', timeout=4)"]
ENTRYPOINT ["inkling"]
CMD ["run"]
