"""Rows of text that show an 8-bit encoder the range of its activations."""

import numpy as np
import tensorflow as tf

from kortf.export.options import FEATURES
from kortf.text.tokenizer.rows.rows import padded, rows_of_segments
from kortf.text.tokenizer.tokenizer import Tokenizer

ROWS_AT_ONCE = 4
LONGEST = 128

SENTENCES = """정말 재미있는 영화였다.
시간이 아까웠다. 배우들의 연기도 별로였고 결말은 더 실망스러웠다.
ㅋㅋㅋ 이게 뭐야 진짜 웃기네
생각보다 괜찮았어요^^ 다음 편도 기대합니다!!
별점 10점 만점에 3점. 돈 주고 보기에는 좀...
배송은 빨랐는데 포장이 엉망이라 상자가 찢어져 있었습니다.
화면이 밝고 배터리가 오래가서 아주 만족하며 쓰고 있다.
한글은 세종대왕이 1443년에 만들고 1446년에 반포한 우리나라 고유의 글자이다.
제주도는 대한민국에서 가장 큰 섬으로, 한가운데에 높이 1,947미터의 한라산이 솟아 있다.
물은 수소 원자 두 개와 산소 원자 한 개로 이루어진 화합물이며 0도에서 언다.
임진왜란은 1592년부터 1598년까지 두 차례에 걸쳐 벌어진 전쟁이다.
한글은 누가 만들었나?
서울에서 부산까지 기차로 얼마나 걸리는지 알려 줘.
내일 비가 올까요, 아니면 눈이 올까요?
정부는 내년 예산안을 올해보다 4.2% 늘어난 656조 원으로 편성했다고 밝혔다.
코스피는 전날보다 12.34포인트 내린 2,501.77로 거래를 마쳤다.
대표팀은 연장전 끝에 상대를 2 대 1로 꺾고 결승에 올랐다.
검찰은 김 모 씨를 사기 혐의로 불구속 기소했으나 법원은 무죄를 선고했다.
새로 나온 스마트폰은 AI 기능을 강화하고 무게를 30g 줄였다.
이 법은 공포 후 6개월이 지난 날부터 시행한다.
환자는 두통과 어지러움을 호소하여 응급실을 찾았으며 혈압은 정상이었다.
안녕하세요, 어제 주문한 상품을 취소하고 싶은데 어떻게 하면 되나요?
응 알았어 이따가 봐~
나는 그 사람이 왜 그런 말을 했는지 아직도 모르겠다.
봄이 오면 산에 들에 진달래가 핀다.
The model was trained with PyTorch 2.1 and TensorFlow.
https://example.com 에서 자세한 내용을 확인하세요.
"죄송합니다"라는 말 한마디가 그렇게 어려웠을까?
맛집이라고 해서 갔는데 줄만 길고 음식은 평범하더라ㅠㅠ
아이가 열이 나서 밤새 잠을 못 잤어요.
민법 제750조에 따라 고의 또는 과실로 타인에게 손해를 가한 자는 배상할 책임이 있다.
""".splitlines()


def calibration_batches(tokenizer: Tokenizer, max_length: int) -> list[dict[str, np.ndarray]]:
    """Return batches of features: sentences, pairs, and rows as long as the model reads.

    Args:
        tokenizer: Tokenizer of the model.
        max_length: Number of positions of the model.
    """
    vocabulary, length = tokenizer.vocabulary, min(max_length, LONGEST)
    following = SENTENCES[1:] + SENTENCES[:1]
    firsts = SENTENCES + [" ".join(SENTENCES[i : i + 8]) for i in range(0, len(SENTENCES), 8)]
    single = rows_of_segments([tokenizer.tokenize(tf.constant(firsts))], length, vocabulary)
    parts = [tokenizer.tokenize(tf.constant(texts)) for texts in (SENTENCES, following)]
    pairs = rows_of_segments(parts, length, vocabulary)
    batches = []
    for rows in (single, pairs):
        features = {key: value.numpy() for key, value in padded(rows, vocabulary.pad_id).items()}
        lengths = features["padding_mask"].sum(axis=1)
        order = np.argsort(lengths, kind="stable")
        for begin in range(0, len(order), ROWS_AT_ONCE):
            index = order[begin : begin + ROWS_AT_ONCE]
            longest = lengths[index].max()
            batches.append(
                {name: features[name][index, :longest].astype(np.int32) for name in FEATURES}
            )
    return batches
