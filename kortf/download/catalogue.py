"""Catalogue of published benchmark files.

Every file has the git blob id of its repository's commit; sizes and SHA-256 are given for files
that were checked byte by byte when the catalogue was written.
"""

from collections.abc import Iterable

from kortf.download.klue_kobest_korquad import KLUE, KOBEST, KORQUAD2
from kortf.download.source import Published, Source, Withheld

CATALOGUE: dict[str, Source | Withheld] = {
    "nsmc": Source(
        "Naver sentiment movie corpus",
        "CC0 1.0",
        "e9t/nsmc",
        "cc0670e872d4ac27bfe36c87456783004b39ef6c",
        (
            Published(
                "ratings_train.txt",
                "ratings_train.txt",
                "ac0dba272895dc1d0b3dd5f11afbeaeb7abe7876",
                14_628_807,
                "e03b7d14e9e41be8d464a28057cd25d7396c53e67aa7fd5f7e552c59b0ee2940",
            ),
            Published(
                "ratings_test.txt",
                "ratings_test.txt",
                "b6cfcd8cd1557bcd9bf06617b0e429ed73e9a367",
                4_893_335,
                "8ac9f64052f11dbf6ae0acb5e038f03d90a76f0eda7820cfb3a92d02edfcebda",
            ),
        ),
        hub="e9t/nsmc",
    ),
    "korquad": Source(
        "KorQuAD 1.0",
        "CC BY-ND 2.0 KR: a changed version may not be passed on",
        "korquad/korquad.github.io",
        "61d7d6682948375dd8f06ef27e788fd19982af38",
        (
            Published(
                "KorQuAD_v1.0_train.json",
                "dataset/KorQuAD_v1.0_train.json",
                "82e3c5939e5e61a1c4ae94e42676800e88ec52a6",
            ),
            Published(
                "KorQuAD_v1.0_dev.json",
                "dataset/KorQuAD_v1.0_dev.json",
                "6849d8c79140447018f5701a0453835c96608a07",
                3_881_058,
                "25ffeb51e6c51ec02c071b60a10188e10005c144110f0d876b26079d80a35bdf",
            ),
        ),
        hub="KorQuAD/squad_kor_v1",
    ),
    "klue_ner": Source(
        "KLUE named entities, version 1.1",
        "CC BY-SA 4.0",
        "KLUE-benchmark/KLUE",
        "3efd98708a40ff49251fddde35453f8fbb11f536",
        (
            Published(
                "klue-ner-v1.1_train.tsv",
                "klue_benchmark/klue-ner-v1.1/klue-ner-v1.1_train.tsv",
                "b4f5d7dba85bb04d9dd72c7491bd62568af55cf1",
            ),
            Published(
                "klue-ner-v1.1_dev.tsv",
                "klue_benchmark/klue-ner-v1.1/klue-ner-v1.1_dev.tsv",
                "3ed843a2e62d536fc2e2dbcc0f304ee346dda62e",
                2_635_045,
                "0f4d5e818f7b82d299c3a87856fc40a706f5943207580ddb252397e387050a54",
            ),
        ),
        hub="klue/klue",
    ),
    "kmou_ner": Source(
        "KMOU named entities",
        "not for commercial use; else as the MIT licence",
        "kmounlp/NER",
        "1e557de738b8e6215c7cacac116e735518c0f680",
        (
            Published(
                "train.words.txt",
                "개체명 인식/data/example/KMOU_BIO/train.words.txt",
                "2bc6a45aaf85622544ee8a3914caeef0fc9864d1",
                2_820_949,
                "fe1404c6b180ebc85d416e3c9bf14ae3280bfb5e17f14a7833f0b6041ea46323",
            ),
            Published(
                "train.tags.txt",
                "개체명 인식/data/example/KMOU_BIO/train.tags.txt",
                "c3c1181925febd6123a70608f4306a495c16a585",
                1_415_680,
                "5c25cea4421287f466bf8f0cee6ed09a0e905b718e2a8a276088717e149ec51a",
            ),
            Published(
                "testa.words.txt",
                "개체명 인식/data/example/KMOU_BIO/testa.words.txt",
                "dc3e6dae881a6c48c9338fe208fa4e78cec87755",
                485_029,
                "38190b4e4b3a1333c5e5bc9640a2fdbca941c9ea4b621f5d5658d36f16517725",
            ),
            Published(
                "testa.tags.txt",
                "개체명 인식/data/example/KMOU_BIO/testa.tags.txt",
                "87ee8403f3e5e33de6eab88cea4e83892db55ac4",
                243_862,
                "e1fced33f21c067d0487cb1b92c0b51fcbc3e2464fde2edf3c57a6b394d09fde",
            ),
            Published(
                "testb.words.txt",
                "개체명 인식/data/example/KMOU_BIO/testb.words.txt",
                "afc2db95c868b18497bb5bfdaa15305d830acbee",
                955_059,
                "22f6614e061e6ee4001e7c68d36e43b89c0f1e34e0bb9e729529a71d0a97fe21",
            ),
            Published(
                "testb.tags.txt",
                "개체명 인식/data/example/KMOU_BIO/testb.tags.txt",
                "7b671befcc953d1e6ccea72c6580360ba392f692",
                482_774,
                "67f78ade46bcecced273ab817bec3b01b457ad6d03d1b0c8f40d7e0eb54f18e3",
            ),
        ),
    ),
    "kornli": Source(
        "KorNLI",
        "CC BY-SA 4.0",
        "kakaobrain/KorNLUDatasets",
        "0df0fe7d496eb61b092e022e238c2230b29f1cbc",
        (
            Published(
                "multinli.train.ko.tsv",
                "KorNLI/multinli.train.ko.tsv",
                "94d26a9d0dd045928148ef8691a256bd0e7d45c3",
            ),
            Published(
                "snli_1.0_train.ko.tsv",
                "KorNLI/snli_1.0_train.ko.tsv",
                "c91761e52fca2a7420104589811346986ce94073",
            ),
            Published(
                "xnli.dev.ko.tsv",
                "KorNLI/xnli.dev.ko.tsv",
                "21305150d466aa35d42b14e1890b7dcd58084634",
                511_383,
                "821fb1c1c2e538ac2724a6132da36ffa379eb9a542ceb89243b3cf711377382c",
            ),
            Published(
                "xnli.test.ko.tsv",
                "KorNLI/xnli.test.ko.tsv",
                "89a0b11bffa775fafd88178b3980a1fe2d8aee52",
                1_032_430,
                "0db53cf8e182283a0d0404ec3fe1b15d1e29236d23d22082dc20d43067254b3e",
            ),
        ),
        hub="kakaobrain/kor_nli",
    ),
    "korsts": Source(
        "KorSTS",
        "CC BY-SA 4.0",
        "kakaobrain/KorNLUDatasets",
        "0df0fe7d496eb61b092e022e238c2230b29f1cbc",
        (
            Published(
                "sts-train.tsv",
                "KorSTS/sts-train.tsv",
                "91fc16190dd0102a3cad2f0abf83317703438869",
                1_046_952,
                "b5aaa7f957d6ff46f4b6834a8b0f024a9234a6eefe9289aed66746b4533da3b8",
            ),
            Published(
                "sts-dev.tsv",
                "KorSTS/sts-dev.tsv",
                "3686d9394fa63bcfd6b1bc7c70a60b1dfe08d388",
                307_276,
                "d835b65b424401fbcce6be28a78159df8d61f5b19977ea7a0b83b8cb6105f393",
            ),
            Published(
                "sts-test.tsv",
                "KorSTS/sts-test.tsv",
                "d2a7c958d520ed84402c0042142a60d9a18ee3e4",
                249_596,
                "13f83a3440d9db52d134eb40303ce021b03264aa338fbf2871c8786ce04d2105",
            ),
        ),
    ),
    "paws": Source(
        "PAWS-X, Korean, as KoELECTRA's repository keeps it",
        "free for any purpose; Google asks to be acknowledged as its source",
        "monologg/KoELECTRA",
        "024fbdd600e653b6e4bdfc64ceec84181b5ce6c4",
        (
            Published(
                "translated_train.tsv",
                "finetune/data/paws/translated_train.tsv",
                "a09883705bed3ba1bd61f281559923fd2592b307",
            ),
            Published(
                "dev_2k.tsv",
                "finetune/data/paws/dev_2k.tsv",
                "d760482f2988afe9a7930b00ae32743f182c9409",
                532_624,
                "ec6f963972f61f50b164bcf62c8ee06e6565c365d871d14d85e08f398d402b99",
            ),
            Published(
                "test_2k.tsv",
                "finetune/data/paws/test_2k.tsv",
                "73439d805b017aafc57c85c15ad1d5d2fc922b4b",
                540_041,
                "45bb61a9cda953047f4d0628f02555fef2d0c0b5dc05787be3e2c16965a2eef8",
            ),
        ),
    ),
    "question_pair": Source(
        "Question Pair",
        "MIT",
        "songys/Question_pair",
        "e84b6f0e784c10c6a22cbbc7b1e415b901baa877",
        (
            Published(
                "train.txt",
                "train.txt",
                "13029db0f61003a710d197dd8b2f8093d7ece75f",
                441_758,
                "addf4c88b19066ad55a09f466c5c3f6428b3f2bd5d55100d3ca5b93d9d8daff9",
            ),
            Published(
                "validation.txt",
                "validation.txt",
                "631cc37063a384d4deb81ff4ea9433440a74e144",
                49_083,
                "3928c783f561f36547fd8e0c9d78a6e1d6013db3debcf559c4135aa5536badea",
            ),
            Published(
                "test.txt",
                "test.txt",
                "b3fb1b47f5326eac4c3a3c01927973e187ce1a0e",
                54_395,
                "0d5738107ea3742de4dcaf3a358b6bfa4818781bc6aec11a9956a3fbe35f8b61",
            ),
        ),
    ),
    "hate_speech": Source(
        "Korean Hate Speech",
        "CC BY-SA 4.0; the comments are abusive",
        "kocohub/korean-hate-speech",
        "f8d05dce2b22007bb149e5139c0060c68ad8f94b",
        (
            Published(
                "labeled/train.tsv",
                "labeled/train.tsv",
                "a7663ec2ee2837b5e38a6c49ca47caee84eea894",
                913_546,
                "ebebacdcd023af2c4acc8c0a37695fb6433ac04fc009feff8f222724e303a5a9",
            ),
            Published(
                "labeled/dev.tsv",
                "labeled/dev.tsv",
                "a2b083b74c72a4dab444ddc6b3e83fa269306b24",
                54_903,
                "232b615d6e359a9d31dfb8370f32e1733dc5bb3f9c5430d34d7fcc7ba4b7e8ef",
            ),
        ),
    ),
    **KLUE,
    **KOBEST,
    "korquad2": KORQUAD2,
    "klp_ner": Withheld(
        "KLP 2016 NER",
        "its data is given to the participants of the contest, 국어 정보 처리 시스템 경진대회 2016",
        "ask its organizers, or take klue_ner or kmou_ner",
    ),
    "naver_ner": Withheld(
        "Naver NER",
        "the agreement of Naver's NLP challenge forbids copying and keeping its data without "
        "Naver's consent",
        "ask where the agreement stands, https://github.com/naver/nlp-challenge (AGREEMENT.md), or "
        "take klue_ner or kmou_ner",
    ),
}


def hub_datasets(hashes: Iterable[str]) -> list[str]:
    """Return the data sets on the Hugging Face hub to which files belong, each once.

    Args:
        hashes: SHA-256 of the files, in hexadecimal; unknown ones are ignored.
    """
    sources = [source for source in CATALOGUE.values() if isinstance(source, Source) and source.hub]
    known = {file.sha256: source.hub for source in sources for file in source.files if file.sha256}
    return list(dict.fromkeys(known[each] for each in hashes if each in known))
