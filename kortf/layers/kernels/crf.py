"""Linear-chain conditional random fields; forward and backward are one kernel each."""

import tensorflow as tf

from kortf.layers.kernels.compiled import one_kernel, own_gradient


def _time_major(emissions, mask):
    return tf.transpose(emissions, [1, 0, 2]), tf.transpose(mask)  # (seq, batch, tags)


def _forward(emissions, mask, transitions, start, end):
    x, real = _time_major(emissions, mask)

    def step(before, now):
        (alpha, begun), (scores, here) = before, now
        reached = tf.reduce_logsumexp(alpha[:, :, None] + transitions, axis=1)
        new = tf.where(begun[:, None], reached, start) + scores
        return tf.where(here[:, None], new, alpha), begun | here

    nothing = tf.zeros_like(x[0]), tf.zeros_like(real[0])
    alphas, begun = tf.scan(step, (x, real), nothing)
    total = tf.reduce_logsumexp(alphas[-1] + end, axis=-1)
    return tf.where(begun[-1], total, 0.0), alphas, begun


def _backward(emissions, mask, transitions, end, alphas, begun, total, upstream):
    x, real = _time_major(emissions, mask)
    # State before each position: shifted by one, zeros before the first.
    alphas_before = tf.concat([tf.zeros_like(alphas[:1]), alphas[:-1]], axis=0)
    begun_before = tf.concat([tf.zeros_like(begun[:1]), begun[:-1]], axis=0)

    def step(after, now):
        beta, pairs, _, _ = after
        scores, here, alpha, alpha_before, known = now
        weight = tf.where(here, upstream, 0.0)[:, None]
        single = weight * tf.exp(alpha + beta - total[:, None])  # marginal of each tag here
        onward = scores + beta
        joint = alpha_before[:, :, None] + transitions + onward[:, None] - total[:, None, None]
        joint = tf.where((here & known)[:, None, None], joint, -float("inf"))
        pairs += tf.reduce_sum(upstream[:, None, None] * tf.exp(joint), axis=0)
        reached = tf.reduce_logsumexp(transitions + onward[:, None], axis=-1)
        first = tf.where(known[:, None], 0.0, single)
        return tf.where(here[:, None], reached, beta), pairs, single, first

    beta = tf.zeros_like(x[0]) + end
    nothing = beta, tf.zeros_like(transitions), tf.zeros_like(beta), tf.zeros_like(beta)
    inputs = x, real, alphas, alphas_before, begun_before
    _, pairs, singles, firsts = tf.scan(step, inputs, nothing, reverse=True)
    last = tf.where(begun[-1], upstream, 0.0)[:, None]
    d_end = tf.reduce_sum(last * tf.exp(alphas[-1] + end - total[:, None]), axis=0)
    d_start = tf.reduce_sum(firsts, axis=[0, 1])
    return tf.transpose(singles, [1, 0, 2]), pairs[0], d_start, d_end


_kernels = one_kernel(_forward), one_kernel(_backward)


def crf_log_normalizer(
    emissions: tf.Tensor,
    mask: tf.Tensor,
    transitions: tf.Tensor,
    start: tf.Tensor,
    end: tf.Tensor,
) -> tf.Tensor:
    """Log of the sum over all tag sequences (Lafferty et al. 2001), by the forward algorithm.

    The gradient is the marginals of the forward-backward algorithm; no tape runs through the loop.

    Args:
        emissions: Score of each tag at each position, float32 `[batch, seq, tags]`.
        mask: bool `[batch, seq]`; positions where it is false are skipped, wherever they are.
        transitions: Score of tag j after tag i, float32 `[tags, tags]`.
        start: Score of each first tag `[tags]`.
        end: Score of each last tag `[tags]`.

    Returns:
        float32 `[batch]`; 0 for a row without a position.
    """
    forward, backward = _kernels

    @own_gradient
    def run(emissions, transitions, start, end):
        total, alphas, begun = forward(emissions, mask, transitions, start, end)
        kept = emissions, mask, transitions, end, alphas, begun, total
        return total, lambda upstream: backward(*kept, upstream)

    return run(emissions, transitions, start, end)


def crf_marginals(
    emissions: tf.Tensor,
    mask: tf.Tensor,
    transitions: tf.Tensor,
    start: tf.Tensor,
    end: tf.Tensor,
) -> tf.Tensor:
    """Probability of each tag at each position, by the forward-backward algorithm.

    Args:
        emissions, mask, transitions, start, end: As for `crf_log_normalizer`.

    Returns:
        float32 `[batch, seq, tags]`; 0 where `mask` is false.
    """
    forward, backward = _kernels
    total, alphas, begun = forward(emissions, mask, transitions, start, end)
    upstream = tf.ones_like(total)
    return backward(emissions, mask, transitions, end, alphas, begun, total, upstream)[0]


def _decode(emissions, mask, transitions, start, end):
    """Viterbi, forward and backward algorithm in one loop: each is a lane of the same state."""
    seq, tags = tf.shape(emissions)[1], transitions.shape[0]
    number = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)  # (batch)
    last, places = tf.maximum(number - 1, 0), tf.range(seq)
    order = tf.argsort(tf.cast(~mask, tf.int32), axis=1, stable=True)  # unmasked first
    back = tf.maximum(last[:, None] - places, 0)
    emissions -= tf.reduce_max(emissions, axis=2, keepdims=True)  # the sums stay small, so exact
    onward = tf.gather(emissions, order, batch_dims=1)
    lanes = [onward, onward, tf.gather(onward, back, batch_dims=1)]
    scores = tf.transpose(tf.stack(lanes, axis=3), [1, 2, 3, 0])  # (seq, tags, 3, batch)
    moves = tf.stack([transitions, transitions, tf.transpose(transitions)], axis=2)[..., None]
    first = tf.stack([start, start, end], axis=1)[..., None] + tf.zeros_like(scores[0])

    def step(before, now):
        reached = before[0][:, None] + moves  # (from, to, 3, batch)
        best = tf.reduce_max(reached, axis=0)
        top = best[:, 1:]
        sums = top + tf.math.log(tf.reduce_sum(tf.exp(reached[:, :, 1:] - top), axis=0))
        both = tf.concat([best[:, :1], sums], axis=1)
        return both + now, sums[:, 1]

    # One step too many: a scan of no step has no shape.
    begun = first + scores[0], first[:, 2]
    found = tf.scan(step, tf.roll(scores, -1, axis=0), begun)
    states, after = (
        tf.concat([one[None], more[:-1]], axis=0) for one, more in zip(begun, found, strict=True)
    )
    states = tf.transpose(states, [0, 3, 1, 2])  # (seq, batch, tags, 3)
    at_last = tf.gather_nd(states, tf.stack([last, tf.range(tf.size(last))], axis=1))
    after = tf.gather(tf.transpose(after, [2, 0, 1]), back, batch_dims=1)  # (batch, seq, tags)
    marginals = tf.nn.softmax(tf.transpose(states[..., 1], [1, 0, 2]) + after)
    path = _follow(states[..., 0], at_last[:, :, 0] + end, number, transitions)

    place = tf.maximum(tf.cumsum(tf.cast(mask, tf.int32), axis=1) - 1, 0)
    path, marginals = (tf.gather(x, place, batch_dims=1) for x in (path, marginals))
    marginals = tf.ensure_shape(marginals, [None, None, tags])
    return tf.where(mask, path, 0), tf.where(mask[:, :, None], marginals, 0.0)


def _follow(best, final, number, transitions):
    """Walk back from the best last tag: `[batch, seq]`, from the scores `[seq, batch, tags]`."""
    into = tf.transpose(transitions)  # (to, from)
    inside = 1 + tf.range(tf.shape(best)[0])[:, None] < number  # (seq, batch)

    def back(tag, now):
        scores, here = now
        before = tf.argmax(scores + tf.gather(into, tag), axis=1, output_type=tf.int32)
        return tf.where(here, before, tag)

    last = tf.argmax(final, axis=1, output_type=tf.int32)
    return tf.transpose(tf.scan(back, (best, inside), last, reverse=True))


_decoding = one_kernel(_decode)


def crf_decode(
    emissions: tf.Tensor,
    mask: tf.Tensor,
    transitions: tf.Tensor,
    start: tf.Tensor,
    end: tf.Tensor,
) -> tuple[tf.Tensor, tf.Tensor]:
    """Best tag sequence (Viterbi 1967), and the marginals of `crf_marginals`.

    Args:
        emissions, mask, transitions, start, end: As for `crf_log_normalizer`.

    Returns:
        int32 `[batch, seq]` and float32 `[batch, seq, tags]`; both 0 where `mask` is false.
    """
    return _decoding(emissions, mask, transitions, start, end)


def _divergence(emissions, others, mask, transitions, start, end):
    def marginals(x):
        total, alphas, begun = _forward(x, mask, transitions, start, end)
        upstream = tf.ones_like(total)
        return _backward(x, mask, transitions, end, alphas, begun, total, upstream)[0]

    apart = marginals(emissions) - marginals(others)
    return 0.5 * tf.reduce_sum(apart * (emissions - others), axis=[1, 2])


def _divergence_backward(emissions, others, mask, transitions, start, end, upstream):
    inputs = [emissions, others, transitions, start, end]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        divergence = _divergence(emissions, others, mask, transitions, start, end)
    return tape.gradient(divergence, inputs, upstream, unconnected_gradients="zero")


def _soft_loss(emissions, labels, mask, transitions, start, end):
    x, real = _time_major(emissions, mask)
    total, alphas, _ = _forward(emissions, mask, transitions, start, end)

    def step(after, now):
        (beta, _), (scores, here) = after, now
        reached = tf.reduce_logsumexp(transitions + (scores + beta)[:, None], axis=-1)
        return tf.where(here[:, None], reached, beta), beta

    nothing = tf.zeros_like(x[0]) + end
    _, betas = tf.scan(step, (x, real), (nothing, nothing), reverse=True)
    log_p = tf.transpose(alphas + betas - total[:, None], [1, 0, 2])  # (batch, seq, tags)
    apart = tf.reduce_sum(tf.math.xlogy(labels, labels) - labels * log_p, axis=2)
    return tf.reduce_sum(tf.where(mask, apart, 0.0), axis=1)


def _soft_loss_backward(emissions, labels, mask, transitions, start, end, upstream):
    inputs = [emissions, transitions, start, end]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        loss = _soft_loss(emissions, labels, mask, transitions, start, end)
    return tape.gradient(loss, inputs, upstream, unconnected_gradients="zero")


_soft_losses = one_kernel(_soft_loss), one_kernel(_soft_loss_backward)


def crf_soft_loss(
    emissions: tf.Tensor,
    labels: tf.Tensor,
    mask: tf.Tensor,
    transitions: tf.Tensor,
    start: tf.Tensor,
    end: tf.Tensor,
) -> tf.Tensor:
    """Divergence of soft labels from the marginals of each position, summed over the positions.

    The posterior distillation of Wang et al. (2020). The backward pass computes the marginals
    again, because the intermediate states of a scan cannot leave a kernel.

    Args:
        emissions, mask, transitions, start, end: as for `crf_log_normalizer`.
        labels: Probabilities of the tags at each position, float32 `[batch, seq, tags]`.

    Returns:
        float32 `[batch]`, nats; 0 for a row without a position.
    """
    forward, backward = _soft_losses

    @own_gradient
    def run(emissions, transitions, start, end):
        kept = emissions, labels, mask, transitions, start, end
        return forward(*kept), lambda upstream: backward(*kept, upstream)

    return run(emissions, transitions, start, end)


_divergences = one_kernel(_divergence), one_kernel(_divergence_backward)


def crf_divergence(
    emissions: tf.Tensor,
    others: tf.Tensor,
    mask: tf.Tensor,
    transitions: tf.Tensor,
    start: tf.Tensor,
    end: tf.Tensor,
) -> tf.Tensor:
    """Mean of both Kullback-Leibler divergences of two distributions over tag sequences.

    Both share their transitions, so the difference of two scores has emissions only, and its mean
    over all sequences is the mean over the marginals of each position. The backward pass computes
    both again, because the intermediate states of a scan cannot leave a kernel.

    Args:
        emissions, mask, transitions, start, end: As for `crf_log_normalizer`.
        others: Emissions of the second distribution.

    Returns:
        float32 `[batch]`, nats; 0 for a row without a position.
    """
    forward, backward = _divergences

    @own_gradient
    def run(emissions, others, transitions, start, end):
        kept = emissions, others, mask, transitions, start, end
        return forward(*kept), lambda upstream: backward(*kept, upstream)

    return run(emissions, others, transitions, start, end)
