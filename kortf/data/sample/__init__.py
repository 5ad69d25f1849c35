"""A small Korean corpus of our own: deterministic, and laid out as the real data sets are.

kowiki/kowiki_00.txt …         an encyclopaedia of an imaginary country (WikiExtractor)
nsmc/reviews.txt               film reviews, one a line; none of the test set's
nsmc/ratings_{train,test}.txt  film reviews with labels (NSMC)
korquad/KorQuAD_v1.0_{train,dev}.json     questions with answer spans (KorQuAD 1.0)
klue/klue-ner-v1.1_{train,dev}.tsv        sentences with entities (KLUE-NER)
"""

from kortf.data.sample.files import write_sample

__all__ = ["write_sample"]
