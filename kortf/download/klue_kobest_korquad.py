"""Files of KLUE 1.1, of KoBEST 1.0 and of KorQuAD 2.1, as their repositories have them."""

from kortf.download.source import Published, Source

_KLUE = "KLUE-benchmark/KLUE"
_KLUE_COMMIT = "3efd98708a40ff49251fddde35453f8fbb11f536"
_KOBEST_COMMIT = "2956e24d8d5de8bad263432480f740d0e2eeee43"
_KORQUAD_COMMIT = "61d7d6682948375dd8f06ef27e788fd19982af38"


def _klue(title: str, folder: str, *published: tuple) -> Source:
    files = tuple(
        Published(name, f"klue_benchmark/{folder}/{name}", *known) for name, *known in published
    )
    title = f"KLUE {title}, version 1.1"
    return Source(title, "CC BY-SA 4.0", _KLUE, _KLUE_COMMIT, files, hub="klue/klue")


def _kobest(title: str, *published: tuple) -> Source:
    files = tuple(Published(name, f"v1.0/{name}", *known) for name, *known in published)
    licence = "CC BY-SA 4.0 by its paper; the repository states none"
    return Source(
        f"KoBEST {title}", licence, "SKT-LSL/KoBEST_datarepo", _KOBEST_COMMIT, files,
        hub="skt/kobest_v1",
    )  # fmt: skip


KLUE = {
    "klue_ynat": _klue(
        "topics",
        "ynat-v1.1",
        ("ynat-v1.1_train.json", "e74e912a66720294bd6fe70e69b0cd131a0a10d7"),
        ("ynat-v1.1_dev.json", "f4fb92cc5d967b586ea5172c3da8c379ba31caf9"),
    ),
    "klue_sts": _klue(
        "similarity",
        "klue-sts-v1.1",
        ("klue-sts-v1.1_train.json", "4e92fce70fe9f2dbed2ffcb9c2aec7417c6d32ff"),
        ("klue-sts-v1.1_dev.json", "2645707503e7b25cc3d9f94103cbfb2f5a086f56"),
    ),
    "klue_nli": _klue(
        "inference",
        "klue-nli-v1.1",
        ("klue-nli-v1.1_train.json", "a7903d15f09a3663d8f1d78e68d8d6c10dbd8618"),
        ("klue-nli-v1.1_dev.json", "db052b2459c68d1ec57dd1573bfe90a9bb3f8157"),
    ),
    "klue_re": _klue(
        "relations",
        "klue-re-v1.1",
        ("klue-re-v1.1_train.json", "83b1fd41b1ea65dc29cd5bcfe1721bcdb25bd4d6"),
        ("klue-re-v1.1_dev.json", "f3e013f47e0a5a5d234410f8cdaa1eb8d89ccce3"),
    ),
    "klue_dp": _klue(
        "dependencies",
        "klue-dp-v1.1",
        ("klue-dp-v1.1_train.tsv", "279c0b4de1e1341036b0147701d7e11ee79860e7"),
        (
            "klue-dp-v1.1_dev.tsv",
            "ecd421f75cb1343c30e7482ce7cdc730f5d4cd12",
            1_225_266,
            "eb0d8532c0234934e058db0d31f2b01f093128715d6ae51f534a448434a48f01",
        ),
    ),
    "klue_mrc": _klue(
        "questions",
        "klue-mrc-v1.1",
        ("klue-mrc-v1.1_train.json", "46fd63137949a85f054aacb81ca4065c7b3a5882"),
        ("klue-mrc-v1.1_dev.json", "b89a46fcc5f3b15be59703abd626b52e4c4dd236"),
    ),
    "klue_wos": _klue(
        "dialogues",
        "wos-v1.1",
        ("wos-v1.1_train.json", "0a017e06c2daaf6e3855a9ccfda25dac1d666f71"),
        ("wos-v1.1_dev.json", "f0564e4c981ce85a4bd4b5cf1e211800211d8541"),
    ),
}

KOBEST = {
    "kobest_boolq": _kobest(
        "BoolQ",
        (
            "BoolQ/train.tsv",
            "39de4c9af99601abaa02ab8e7d122ae05891aa43",
            1_942_905,
            "c2342714366e2beef0d8bedeea64ab9aa315747c1e900da678714531ab1c0f75",
        ),
        (
            "BoolQ/dev.tsv",
            "23bf950a438b14ddb601586426caace6c0b6d5f7",
            363_093,
            "946d62e3230b349a00a57b3ab2c4bef16b466ef05746f3082e817ddf889fc293",
        ),
        ("BoolQ/test.tsv", "8bb1fdeb9539631a8673902d722c6522052bb19c"),
    ),
    "kobest_copa": _kobest(
        "COPA",
        (
            "COPA/train.tsv",
            "a5e304d4cff375198345670b541da71e3de3be60",
            364_501,
            "a9eab9c902917ab20303f0c1cc8853d0f8f742b2368ea75588068e74a8a8ed6c",
        ),
        (
            "COPA/dev.tsv",
            "2a4af522a0564a5a3b472f6d4a438a7f8e1c68b4",
            58_965,
            "d3f2a03d0e76b4863358cb4c13688599e2bf00160e4287a432a790c3b681bd2e",
        ),
        ("COPA/test.tsv", "c64d7b1cf9bf1b95993a481dc8e8484215724ea9"),
    ),
    "kobest_wic": _kobest(
        "WiC",
        (
            "WiC/train.tsv",
            "46d053f6d8bdc5df65d7bf5aa5a09ab6c6e09bdd",
            1_080_747,
            "5ed29b813c0d2e6a417cec6087070e844765b11be005630ca59be6b3e7d22c2f",
        ),
        (
            "WiC/dev.tsv",
            "c0df9a82bfaba61a2693c7fbb38125b37fec8102",
            197_411,
            "74b23183f0ad0a8387720b395ff775ae213b9474a9c1a465831f905ff23dbd05",
        ),
        ("WiC/test.tsv", "ea2b721c2ae5ac7ddf3a84886038971dcfef2569"),
    ),
    "kobest_hellaswag": _kobest(
        "HellaSwag",
        (
            "HellaSwag/train.tsv",
            "1896e960f289b1f807b1987555ee82ee0e5d42d3",
            1_134_040,
            "c49c07b05e6f82a6e554b48a37d71971c03af08967e62d8532216afd73e90a8c",
        ),
        (
            "HellaSwag/dev.tsv",
            "b84dfd72b74314121f718879b31421c5791f7671",
            284_073,
            "01ae7e6daf95cc2412c0db6f6a76171828902e1e1152fff42484dfa78ac0f3f9",
        ),
        ("HellaSwag/test.tsv", "c003a2b5b392efa7b5f5df6f238d2d4d9d553232"),
    ),
    "kobest_sentineg": _kobest(
        "SentiNeg",
        (
            "SentiNeg/train.tsv",
            "7a79f50d81878073ae2674647f7a0f5097ab723d",
            205_309,
            "07c8517ae035e400dc2ec8f9eb6a1d3c462c1758058c8f83ff4d1326eb80a5c7",
        ),
        (
            "SentiNeg/dev.tsv",
            "8b92a4e9eeac889fc9428ea6613ac38fb842beef",
            22_004,
            "a64c8f70d11930222b0a356871512680a9ca230721ced23ffd73e14cf0478b79",
        ),
        ("SentiNeg/test.tsv", "8c5f02d02cb374dddc2840a42e116351814b9a7e"),
    ),
}

_KORQUAD2 = (
    ("train", "KorQuAD_2.1_train_00.zip", "88328a2f9c4f196786eab52f4ea598439887e8c0"),
    ("train", "KorQuAD_2.1_train_01.zip", "edc00ed4d0e45104930ada22fa5869b0d7f4e17e"),
    ("train", "KorQuAD_2.1_train_02.zip", "a2273272f976e7da36ee004db8b1686128594bd7"),
    ("train", "KorQuAD_2.1_train_03.zip", "31a4729443d3425d3ff368d128044148961dade1"),
    ("train", "KorQuAD_2.1_train_04.zip", "d3029960e99a0948154a1b9be6f780275161ad7f"),
    ("train", "KorQuAD_2.1_train_05.zip", "35ed708e5b73af4bb800649d69825469ec2f7851"),
    ("train", "KorQuAD_2.1_train_06.zip", "a673615f8cc94c28c3adc850bb66c757e9b3e41e"),
    ("train", "KorQuAD_2.1_train_07.zip", "83ed111e5a6f78a581b0c228c3a2812fdf34031b"),
    ("train", "KorQuAD_2.1_train_08.zip", "7664a5c72c8ed552599774ba7476f613f3de09a3"),
    ("train", "KorQuAD_2.1_train_09.zip", "ed81f94099f540787571b378493813009a1de947"),
    ("train", "KorQuAD_2.1_train_10.zip", "7c41f6f8c6d7c64dc48c092d34abfec61a8447fe"),
    ("train", "KorQuAD_2.1_train_11.zip", "f9c56f68b9c1313a89cc8cd7a55649b1fa210119"),
    ("train", "KorQuAD_2.1_train_12.zip", "110332e1cef6068386bed56b587881ef1de177a9"),
    ("dev", "KorQuAD_2.1_dev_00.zip", "60724538158c89880c9a46c4f107bafaaffeeb14"),
    ("dev", "KorQuAD_2.1_dev_01.zip", "5f89dc1f148f72902f5ceea33024b179b923b64a"),
)

KORQUAD2 = Source(
    "KorQuAD 2.1",
    "CC BY-ND 2.0 KR: a changed version may not be passed on",
    "korquad/korquad.github.io",
    _KORQUAD_COMMIT,
    tuple(
        Published(name, f"dataset/KorQuAD_2.1/{part}/{name}", blob)
        for part, name, blob in _KORQUAD2
    ),
    hub="KorQuAD/squad_kor_v2",
)
