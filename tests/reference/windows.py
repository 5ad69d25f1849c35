"""Windows over a context, one example and one window at a time."""


def windows(question, context, max_length, stride, max_question, cls_id, sep_id):
    """Rows of (token ids, segment ids, first, begin, length)."""
    question = list(question)[: min(max_question, max_length - 4)]
    room = max_length - 3 - len(question)
    step, first, rows = min(stride, room), 0, []
    while True:
        part = list(context)[first : first + room]
        ids = [cls_id, *question, sep_id, *part, sep_id]
        segments = [0] * (len(question) + 2) + [1] * (len(part) + 1)
        rows.append((ids, segments, first, len(question) + 2, len(part)))
        if first + room >= len(context):
            return rows
        first += step
