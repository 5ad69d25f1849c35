# Training with kortf, on the CPU or on GPUs.
#
#   docker build -t kortf .
#   docker build -t kortf-gpu --build-arg BASE=nvidia/cuda:12.6.3-base-ubuntu24.04 \
#       --build-arg TENSORFLOW='tensorflow[and-cuda]' .
#   docker run --rm -v "$PWD/runs:/work/runs" kortf pretrain --config=bert:mini …
#   docker run --rm --gpus all -v "$PWD/runs:/work/runs" kortf-gpu pretrain --config=bert:base …
ARG BASE=python:3.12-slim
FROM ${BASE}
ARG TENSORFLOW=tensorflow
ENV DEBIAN_FRONTEND=noninteractive PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
# The Python images have Python; the CUDA images need it from the distribution.
RUN command -v python3 >/dev/null && python3 -c 'import venv, ensurepip' 2>/dev/null \
    || (apt-get update && apt-get install -y --no-install-recommends python3 python3-venv \
        && rm -rf /var/lib/apt/lists/*)
RUN python3 -m venv /opt/kortf
ENV PATH=/opt/kortf/bin:$PATH
COPY . /src
RUN pip install "${TENSORFLOW}~=2.21.0" '/src[clean,hub]' && rm -rf /src && kortf --version
RUN useradd --create-home --uid 10001 kortf && mkdir /work && chown kortf /work
USER kortf
WORKDIR /work
ENTRYPOINT ["kortf"]
CMD ["--help"]
