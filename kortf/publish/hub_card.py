"""Card of a published model: English and Korean, with examples for the page of the hub."""

import re
from collections.abc import Mapping

import yaml

from kortf.errors import InputError
from kortf.pretrained.card import hub_task, is_own

FRONT = re.compile(r"\A---\r?\n(.*?)\r?\n---\r?\n", re.DOTALL)
KOREAN = "## 한국어"
# Task of the hub to its name in Korean.
TASKS = {
    "fill-mask": "빈칸의 토큰을 예측하는",
    "text-generation": "문장을 이어 쓰는",
    "text-classification": "텍스트를 분류하는",
    "token-classification": "개체명을 찾는",
    "question-answering": "지문에서 질문의 답을 찾는",
    "multiple-choice": "선택지에서 답을 고르는",
    "sentence-similarity": "문장의 유사도를 구하는",
    "feature-extraction": "텍스트를 벡터로 바꾸는",
}


def hub_card(text: str, config: Mapping, repo: str, mask: str = "[MASK]") -> str:
    """Return the card of a model as it is published.

    A card that its user has changed keeps every word; only missing front matter is added.

    Args:
        text: `README.md` of the model directory; empty without one.
        config: Its `config.json`.
        repo: Name on the hub, `USER/NAME`.
        mask: Mask token of its vocabulary.

    Raises:
        InputError: If the front matter is not a YAML mapping.
    """
    front, body = _split(text)
    task = front.get("pipeline_tag") or hub_task(config)
    added = {"language": ["ko"], "pipeline_tag": task, "widget": widget(task, mask)}
    front = {**front, **{key: value for key, value in added.items() if value and key not in front}}
    if is_own(text) or not body.strip():
        body = re.sub(r"\n*<!-- Written by kortf.*?-->\s*\Z", "\n", body).rstrip()
        body = body.replace("MODEL_DIR", repo)
        body += f"\n\n{_korean(front, task, repo)}\n"
    shown = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=1000)
    return f"---\n{shown}---\n\n{body.lstrip()}"


def widget(task: str, mask: str = "[MASK]") -> list[dict]:
    """Return inputs to try on the page of a model.

    Example:
        >>> widget("fill-mask", "<mask>")
        [{'text': '대한민국의 수도는 <mask>이다.'}]
    """
    return {
        "fill-mask": [{"text": f"대한민국의 수도는 {mask}이다."}],
        "text-generation": [{"text": "세종대왕은"}],
        "text-classification": [
            {"text": "배우들의 연기가 훌륭하고 결말도 감동적이다"},
            {"text": "지루해서 보다가 잠들었다 ㅠㅠ"},
        ],
        "token-classification": [{"text": "세종대왕은 1443년 서울에서 훈민정음을 만들었다."}],
        "question-answering": [
            {
                "text": "훈민정음은 언제 만들어졌나?",
                "context": "세종대왕은 1443년에 훈민정음을 만들고 1446년에 반포했다.",
            }
        ],
        "sentence-similarity": [
            {
                "source_sentence": "영화가 재미있다",
                "sentences": ["정말 재미있는 영화였다", "비가 온다"],
            }
        ],
        "feature-extraction": [{"text": "한국어 문장을 벡터로 바꾼다."}],
    }.get(task, [])


def _split(text: str) -> tuple[dict, str]:
    """Return front matter and body."""
    found = FRONT.match(text)
    if not found:
        return {}, text
    try:
        front = yaml.safe_load(found[1]) or {}
    except yaml.YAMLError as error:
        front = error
    if not isinstance(front, dict):
        problem = "the front matter is not a YAML mapping"
        raise InputError("README.md of the model", problem, "mend the lines between the two ---")
    return front, text[found.end() :]


def _korean(front: Mapping, task: str, repo: str) -> str:
    """Return the Korean part: what the model does, its scores, and how to use it."""
    lines = [KOREAN, "", f"{TASKS.get(task, '')} 한국어 모델입니다.".strip()]
    scores = list(_scores(front))
    if scores:
        lines += ["", "| 데이터 | 지표 | 점수 |", "|---|---|---:|", *scores]
    lines += [
        "", "```bash", f"kortf download model {repo} --output=model", "```",
        "", "```python", "import kortf", "", 'model = kortf.load("model")', "```",
    ]  # fmt: skip
    if front.get("library_name") != "kortf":
        lines += ["", "transformers로도 변환 없이 읽을 수 있습니다."]
    return "\n".join(lines)


def _scores(front: Mapping):
    for model in front.get("model-index") or ():
        for result in model.get("results") or ():
            data = result.get("dataset") or {}
            for metric in result.get("metrics") or ():
                value = metric.get("value")
                shown = f"{value:.4f}" if isinstance(value, float) else value
                name = f"{data.get('name', '')} {data.get('split', '')}".strip()
                yield f"| {name} | {metric.get('name') or metric.get('type')} | {shown} |"
