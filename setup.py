"""Package metadata: requirements, and what each extra adds."""

import pathlib
import re

from setuptools import find_packages, setup

HERE = pathlib.Path(__file__).parent
CONFIGS = [f"kortf.configs.{kind}" for kind in ("clean", "finetune", "pretrain")]
VERSION = re.search(r'__version__ = "(.+)"', (HERE / "kortf" / "__init__.py").read_text())[1]

# The stubs of TF Serving's gRPC services come with its own package.
SERVE = [
    "grpcio>=1.70",
    "prometheus_client>=0.21",
    "starlette>=1.0",
    "tensorflow-serving-api~=2.21.0",
    "uvicorn>=0.30",
]

setup(
    name="kortf",
    version=VERSION,
    description="From raw Korean text to a served Korean language model, in TensorFlow",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    python_requires=">=3.11,<3.14",
    packages=[*find_packages(include=["kortf", "kortf.*"]), "kortf.configs", *CONFIGS],
    package_dir={"kortf.configs": "configs"},
    package_data={
        "kortf": ["py.typed"],
        "kortf.export.serve": ["page.html", "page.js", "page.css"],
        "kortf.report": ["page.css"],
    },
    install_requires=[
        "absl-py>=2.1",
        "filelock>=3.15",
        "keras>=3.15,<3.16",
        "ml_collections>=1.1",
        "numpy>=1.26",
        "matplotlib>=3.9,<4",  # charts of kortf report
        "ml_dtypes>=0.5",
        "PyYAML>=6.0",
        "safetensors>=0.5",
        "sentencepiece>=0.2.1,<0.3",
        # The training path runs on tensorflow 2.19 without tensorflow-text as well. There, install
        # with `pip install --no-deps` beside the machine's own TensorFlow: see README.md.
        "tensorflow~=2.21.0",
        "tensorflow-text~=2.21.1",
        "tokenizers>=0.22,<0.24",
        "tqdm>=4.66",
        "zstandard>=0.23",
    ],
    extras_require={
        "beam": ["apache-beam[dask]>=2.77,<3"],
        "clean": ["rensa>=0.5,<0.6"],  # near duplicates
        "kiwi": ["kiwipiepy>=0.22,<1"],  # its sentences, instead of those by rules
        "tables": ["pyarrow>=15", "openpyxl>=3.1,<4"],  # parquet, Arrow and Excel files
        "docs": ["mkdocs-material>=9.7,<10", "mkdocstrings[python]>=1.0,<2"],
        "hub": ["huggingface_hub>=1.31", "keras-hub==0.32.0"],
        # mlflow-skinny is its client; the other two are what it needs for sqlite:// addresses.
        "mlflow": ["mlflow-skinny>=3,<4", "sqlalchemy>=1.4,<3", "alembic>=1.10.1,<2"],
        "sweep": ["optuna>=4,<6"],  # kortf sweep
        "openvino": ["openvino>=2026.0", "nncf>=3.0"],  # kortf serve --engine=openvino
        "serve": SERVE,
        "test": [
            *SERVE,
            "coverage>=7.6",
            "datasketch>=2.0,<3",  # oracle of the bands
            "httpx>=0.28",  # starlette's test client
            "huggingface_hub>=1.31",
            "ipykernel>=6.29",  # the notebook of examples/
            "nbclient>=0.10",
            "hypothesis>=6.150,<7",
            "keras-hub==0.32.0",
            "mlflow-skinny>=3,<4",
            "openpyxl>=3.1,<4",
            "optuna>=4,<6",
            "pyarrow>=15",
            "pyright[nodejs]==1.1.414",
            "pytest>=8.4",
            "pytest-xdist>=3.8",
            "rensa>=0.5,<0.6",
            "ruff==0.17.5",
            "scikit-learn>=1.5,<2",  # oracle of the metrics, with its scipy
        ],
        "oracle": [
            "accelerate>=1.0",  # transformers' Trainer, in the benchmarks
            "pytrec_eval-terrier>=0.5.7",  # trec_eval's scores of retrieval
            "reformer-pytorch==1.4.4",
            "sentence-transformers>=5,<7",
            "torch==2.13.0",
            "transformers>=5,<6",
        ],
    },
    entry_points={"console_scripts": ["kortf=kortf.cli.main:run"]},
)
