"""Published scores of Korean encoders, in percent, with their sources.

The figures are those of the sources as of 2026-11. A column is `(benchmark, score)`, as `eval.json`
names the score. None marks a score that the source does not give.
"""

from dataclasses import dataclass

Column = tuple[str, str]

AVERAGE = "average"


@dataclass(frozen=True)
class Source:
    """A published table.

    Attributes:
        title: Title of the table.
        address: Address of the page.
        protocol: Facts that a comparison must know.
        columns: Columns of the table.
        rows: Model to its scores, one for each column.
    """

    title: str
    address: str
    protocol: str
    columns: tuple[Column, ...]
    rows: dict[str, tuple[float | None, ...]]


KOELECTRA_COLUMNS = (
    ("nsmc", "accuracy"), ("naver_ner", "f1"), ("paws", "accuracy"), ("kornli", "accuracy"),
    ("korsts", "spearman"), ("question_pair", "accuracy"), ("korquad", "exact_match"),
    ("korquad", "f1"), ("hate_speech", "macro_f1"),
)  # fmt: skip
KLUE_COLUMNS = (
    ("klue_ynat", "macro_f1"), ("klue_sts", "pearson"), ("klue_sts", "f1"),
    ("klue_nli", "accuracy"), ("klue_ner", "macro_f1"), ("klue_ner", "character_macro_f1"),
    ("klue_re", "micro_f1"), ("klue_re", "auprc"), ("klue_dp", "uas_macro_f1"),
    ("klue_dp", "las_macro_f1"), ("klue_mrc", "exact_match"), ("klue_mrc", "rouge_w"),
    ("klue_wos", "joint_goal_accuracy"), ("klue_wos", "slot_micro_f1"),
)  # fmt: skip

SOURCES = (
    Source(
        "KoELECTRA",
        "https://github.com/monologg/KoELECTRA",
        "for NSMC, Naver NER and hate speech the epoch that is best on the scored part",
        KOELECTRA_COLUMNS,
        {
            "DistilKoBERT": (88.60, 84.65, 60.50, 72.00, 72.59, 92.48, 54.40, 77.97, 60.72),
            "KoBERT": (89.59, 87.92, 81.25, 79.62, 81.59, 94.85, 51.75, 79.15, 66.21),
            "XLM-R-base": (89.03, 86.65, 82.80, 80.23, 78.45, 93.80, 64.70, 88.94, 64.06),
            "KoELECTRA-small-v1": (88.83, 84.38, 73.10, 76.45, 76.56, 93.01, 58.04, 86.76, 63.03),
            "KoELECTRA-small-v3": (89.36, 85.40, 77.45, 78.60, 80.79, 94.85, 82.11, 91.13, 63.07),
            "KoELECTRA-base-v3": (90.63, 88.11, 84.45, 82.24, 85.53, 95.25, 84.83, 93.45, 67.61),
        },
    ),
    Source(
        "LM-kor",
        "https://github.com/kiyoungkim1/LM-kor",
        "KoELECTRA's fine-tuning, with 5 to 15 epochs of batch 32 at 3e-5",
        KOELECTRA_COLUMNS,
        {
            "albert-kor-base": (89.45, 82.66, 81.20, 79.42, 81.76, 94.59, None, None, 65.44),
            "bert-kor-base": (90.87, 87.27, 82.80, 82.32, 84.31, 95.25, None, None, 68.45),
            "electra-kor-base": (91.29, 87.20, 85.50, 83.11, 85.46, 95.78, None, None, 66.03),
            "funnel-kor-base": (91.36, 88.02, 83.90, None, 84.52, 95.51, None, None, 68.18),
        },
    ),
    Source(
        "KLUE",
        "https://github.com/KLUE-benchmark/KLUE",
        "scored on the test parts, whose labels are not published",
        KLUE_COLUMNS,
        {
            "mBERT-base": (81.55, 84.66, 76.00, 73.20, 76.50, 89.23, 57.88, 53.82, 90.30, 86.66,
                           44.66, 55.92, 35.46, 88.63),
            "KoELECTRA-base-v3 (KLUE)": (84.59, 92.46, 84.84, 85.63, 86.11, 92.56, 62.85, 58.94,
                                         92.90, 87.77, 59.82, 66.05, 41.58, 89.60),
            "KLUE-BERT-base": (85.73, 90.85, 82.84, 81.63, 83.97, 91.39, 66.44, 66.17, 89.96, 88.05,
                               62.32, 68.51, 46.64, 91.61),
            "KLUE-RoBERTa-small": (84.98, 91.54, 85.16, 79.33, 83.65, 91.14, 60.89, 58.96, 90.04,
                                   88.14, 57.32, 62.70, 46.62, 91.44),
            "KLUE-RoBERTa-base": (85.07, 92.50, 85.40, 84.83, 84.60, 91.44, 67.65, 68.55, 93.04,
                                  88.32, 68.67, 73.98, 47.49, 91.64),
            "KLUE-RoBERTa-large": (85.69, 93.35, 86.63, 89.17, 85.00, 91.86, 71.13, 72.98, 93.48,
                                   88.36, 75.58, 80.59, 50.22, 92.23),
        },
    ),
    Source(
        "KF-DeBERTa",
        "https://huggingface.co/kakaobank/kf-deberta-base",
        "its own fine-tuning; the average is over KLUE as its page computes it",
        (
            ("nsmc", "accuracy"), ("korquad", "exact_match"), ("korquad", "f1"),
            ("klue_ner", "macro_f1"), ("klue", AVERAGE),
        ),
        {"KF-DeBERTa-base": (91.36, 86.60, 95.07, 89.17, 82.83)},
    ),
    Source(
        "A.X-Encoder",
        "https://huggingface.co/skt/A.X-Encoder-base",
        "its own fine-tuning; the mean of the five KoBEST tasks",
        (("kobest", AVERAGE),),
        {
            "A.X-Encoder-base": (85.50,),
            "KF-DeBERTa-base": (83.25,),
            "KLUE-RoBERTa-base": (76.44,),
        },
    ),
)  # fmt: skip


def published_scores(columns: list[Column]) -> dict[str, dict[Column, float]]:
    """Return the published models that have a score in some of the columns, by name."""
    found: dict[str, dict[Column, float]] = {}
    for source in SOURCES:
        for model, values in source.rows.items():
            known = {
                column: value
                for column, value in zip(source.columns, values, strict=True)
                if column in columns and value is not None
            }
            if known:
                found.setdefault(model, {}).update(known)
    return found


def sources_of(columns: list[Column]) -> list[Source]:
    """Return the sources that have some of the columns."""
    return [source for source in SOURCES if set(source.columns) & set(columns)]
