"use strict";

const WORDS = {
  ko: {
    model: "모델", token: "API 토큰", run: "실행", running: "실행 중…", code: "요청 코드",
    copy: "복사", copied: "복사했습니다", language: "English", maxTokens: "최대 토큰 수",
    temperature: "온도", none: "찾은 항목이 없습니다.", noAnswer: "답을 찾지 못했습니다.",
    noMask: "문장에 마스크 토큰이 없습니다: ", dimensions: "차원", sentences: "비교할 문장 (한 줄에 하나)",
    score: "점수", text: "문장", text_pair: "두 번째 문장", question: "질문", context: "본문",
    unreachable: "서버에 연결할 수 없습니다.", tokens: "토큰",
    late: "토큰마다 벡터가 있는 모델이므로 이 화면에서는 문장을 비교하지 않습니다. kortf evaluate --retrieval=DIR을 사용하세요.",
    kinds: {
      classifier: "분류", multi_label: "다중 레이블 분류", regression: "회귀", fill_mask: "빈칸 채우기",
      token_classifier: "개체명 인식", question_answering: "질의응답", continuation: "문장 생성",
      embedding: "임베딩", token_vectors: "토큰별 임베딩",
    },
  },
  en: {
    model: "Model", token: "API token", run: "Run", running: "Running…", code: "Request code",
    copy: "Copy", copied: "Copied", language: "한국어", maxTokens: "Max tokens",
    temperature: "Temperature", none: "Nothing found.", noAnswer: "No answer found.",
    noMask: "The text has no mask token: ", dimensions: "dimensions",
    sentences: "Sentences to compare, one a line", score: "Score", text: "Text",
    text_pair: "Second text", question: "Question", context: "Context",
    unreachable: "The server cannot be reached.", tokens: "tokens",
    late: "The model has a vector for each token: this page does not compare sentences. Use kortf evaluate --retrieval=DIR.",
    kinds: {
      classifier: "classification", multi_label: "multi-label classification",
      regression: "regression", fill_mask: "fill mask", token_classifier: "entities",
      question_answering: "question answering", continuation: "text generation",
      embedding: "embedding", token_vectors: "token embeddings",
    },
  },
};
const EXAMPLES = {
  text: ["배우들의 연기가 훌륭하고 결말도 감동적이다", "지루해서 보다가 잠들었다 ㅠㅠ", "세종대왕은 1443년 서울에서 훈민정음을 만들었다."],
  text_pair: ["아주 즐겁게 봤다", "다시는 보고 싶지 않다", "한글은 세종대왕이 만들었다."],
  question: ["한글은 누가 만들었나?"],
  context: ["한글은 세종대왕이 1443년에 만든 우리나라의 글자이다. 처음 이름은 훈민정음이었다."],
  prompt: ["세종대왕은", "오늘 날씨가"],
  others: "정말 즐거운 영화였다\n시간이 아까웠다\n오늘은 비가 온다",
};
const $ = (id) => document.getElementById(id);
let language = (navigator.language || "").startsWith("ko") ? "ko" : "en";
let models = [];
let tab = "curl";
let request = 0;
let token = "";

const words = () => WORDS[language];
const current = () => models.find((model) => model.name === $("model").value);

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);  // strings become text nodes: nothing is parsed as HTML
  return node;
}

function headers() {
  const found = { "Content-Type": "application/json" };
  if (token) found.Authorization = `Bearer ${token}`;
  return found;
}

async function send(path, body) {
  const options = body === undefined ? { headers: headers() }
    : { method: "POST", headers: headers(), body: JSON.stringify(body) };
  let response;
  try {
    response = await fetch(path, options);
  } catch {
    throw new Error(words().unreachable);
  }
  if (response.ok) return response;
  if (response.status === 401) $("token-row").hidden = false;
  const told = await response.json().catch(() => ({}));
  throw new Error(told.error || `HTTP ${response.status}`);
}

function showError(error) {
  $("error").textContent = error ? error.message : "";
  $("error").hidden = !error;
}

function inputNames(model) {
  return model.kind === "continuation" ? ["text"] : model.input_names;
}

function translate() {
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll("[data-text]")) node.textContent = words()[node.dataset.text];
  $("run").textContent = words().run;
  $("copy").textContent = words().copy;
  $("language").textContent = words().language;
  const model = current();
  $("kind").textContent = model ? words().kinds[model.kind] || model.kind || "" : "";
  for (const label of document.querySelectorAll("[data-input]")) label.textContent = words()[label.dataset.input] || label.dataset.input;
}

function showModel() {
  const model = current();
  if (!model) return;
  const inputs = $("inputs");
  inputs.replaceChildren();
  const names = inputNames(model);
  for (const name of names) inputs.append(field(name));
  if (model.kind === "embedding") inputs.append(field("sentences", EXAMPLES.others));
  $("sampling").hidden = model.kind !== "continuation";
  const examples = $("examples");
  examples.replaceChildren();
  const first = model.kind === "continuation" ? EXAMPLES.prompt : EXAMPLES[names[0]] || [];
  first.forEach((text, i) => {
    const row = names.map((name, place) => (place === 0 ? masked(text, model) : (EXAMPLES[name] || [""])[i] || ""));
    const button = element("button", { type: "button", class: "example" }, row[0]);
    button.addEventListener("click", () => {
      names.forEach((name, place) => { $(`input-${name}`).value = row[place]; });
      showCode();
      run();
    });
    examples.append(button);
  });
  $("result").replaceChildren();
  showError(null);
  translate();
  showCode();
}

function masked(text, model) {
  if (model.kind !== "fill_mask") return text;
  const parts = text.split(" ");
  parts[parts.length - 1] = model.mask;
  return parts.join(" ");
}

function field(name, value = "") {
  const label = element("span", { "data-input": name });
  const area = element("textarea", { id: `input-${name}`, rows: name === "context" ? 5 : 3, spellcheck: "false" });
  area.value = value;
  area.addEventListener("input", showCode);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); }
  });
  return element("label", {}, label, area);
}

function values(model) {
  const row = {};
  for (const name of inputNames(model)) row[name] = $(`input-${name}`).value;
  return row;
}

function sampling() {
  return { max_tokens: Number($("max-tokens").value) || 64, temperature: Number($("temperature").value) };
}

async function run() {
  const model = current();
  if (!model) return;
  const mine = ++request;
  showError(null);
  $("run").disabled = true;
  $("run").textContent = words().running;
  try {
    if (model.kind === "continuation") await generate(model, mine);
    else if (model.kind === "embedding") await compare(model, mine);
    else {
      const response = await send(`v1/models/${model.name}:predict`, { instances: [values(model)] });
      const found = (await response.json()).predictions[0];
      if (mine === request) $("result").replaceChildren(...render(model, found, values(model)));
    }
  } catch (error) {
    if (mine === request) showError(error);
  } finally {
    if (mine === request) {
      $("run").disabled = false;
      $("run").textContent = words().run;
    }
  }
}

function render(model, found, row) {
  const forms = {
    classifier: renderClasses, multi_label: renderClasses, fill_mask: renderMasks,
    token_classifier: renderEntities, question_answering: renderAnswers, regression: renderScore,
    token_vectors: renderTokenVectors,
  };
  const form = forms[model.kind];
  return form ? form(model, found, row) : [element("div", { class: "text" }, JSON.stringify(found, null, 1))];
}

function bar(name, value, best) {
  const width = Math.max(0, Math.min(100, value * 100));
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "value");
  svg.setAttribute("viewBox", "0 0 100 10");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  for (const [size, type] of [[100, "rail"], [width, "share"]]) {
    const rect = document.createElementNS("http://www.w3.org/2000/svg", "rect");
    rect.setAttribute("width", size);
    rect.setAttribute("height", 10);
    rect.setAttribute("class", type);
    svg.append(rect);
  }
  const node = element("div", { class: best ? "bar best" : "bar" });
  node.append(element("span", { class: "name" }, name), svg, element("span", { class: "number" }, `${(value * 100).toFixed(1)} %`));
  return node;
}

function renderClasses(model, found) {
  const rows = model.classes.map((name, i) => [name, found.probabilities[i]]);
  rows.sort((a, b) => b[1] - a[1]);
  return rows.slice(0, 20).map(([name, value]) => bar(name, value, name === found.label));
}

function renderScore(model, found) {
  const score = typeof found === "number" ? found : found.score;
  return [element("p", {}, `${words().score}: `, element("strong", {}, score.toFixed(3)))];
}

function renderTokenVectors(model, found) {
  const size = `${found.lengths} ${words().tokens} × ${found.token_vectors[0].length} ${words().dimensions}`;
  return [element("p", {}, size), element("p", { class: "muted" }, words().late)];
}

function renderMasks(model, found, row) {
  const gaps = found.tokens.filter((gap) => gap[0]);
  if (!gaps.length) return [element("p", { class: "muted" }, words().noMask + model.mask)];
  const nodes = [];
  gaps.forEach((gap, number) => {
    if (gaps.length > 1) nodes.push(element("p", { class: "muted" }, `${model.mask} ${number + 1}`));
    gap.forEach((piece, i) => {
      const node = bar("", found.scores[number][i], i === 0);
      const button = element("button", { type: "button", class: "example" }, piece);
      button.addEventListener("click", () => fill(model, row.text, number, piece));
      node.firstChild.append(button);
      nodes.push(node);
    });
  });
  return nodes;
}

function fill(model, text, number, piece) {
  const parts = text.split(model.mask);
  const joins = piece.startsWith("##");
  const before = parts.slice(0, number + 1).join(model.mask);
  const after = parts.slice(number + 1).join(model.mask);
  $("input-text").value = (joins ? before.trimEnd() : before) + piece.replace(/^##|^▁/, "") + after;
  showCode();
  if (parts.length > 2) run();
  else $("input-text").focus();
}

function highlight(text, spans) {
  // Places count characters (code points), strings of JavaScript count UTF-16 units.
  const points = Array.from(text);
  const labels = [...new Set(spans.map((span) => span.label))];
  const node = element("div", { class: "text" });
  let at = 0;
  for (const span of spans) {
    if (span.start < at) continue;
    node.append(points.slice(at, span.start).join(""));
    const mark = element("mark", { class: `c${labels.indexOf(span.label) % 5}` }, points.slice(span.start, span.end).join(""));
    if (span.label) mark.append(element("small", {}, span.label));
    node.append(mark);
    at = span.end;
  }
  node.append(points.slice(at).join(""));
  return node;
}

function rows(found, filled) {
  const count = found[filled].length;
  const made = [];
  for (let i = 0; i < count; i++) {
    if (found[filled][i]) made.push(Object.fromEntries(Object.keys(found).map((key) => [key, found[key][i]])));
  }
  return made;
}

function renderEntities(model, found, row) {
  const spans = rows(found, "label").filter((span) => span.text).sort((a, b) => a.start - b.start);
  const nodes = [highlight(row.text, spans)];
  if (!spans.length) nodes.push(element("p", { class: "muted" }, words().none));
  for (const span of spans) nodes.push(bar(`${span.text} · ${span.label}`, span.score, false));
  return nodes;
}

function renderAnswers(model, found, row) {
  const answers = rows(found, "answer");
  if (!answers.length) return [element("p", { class: "muted" }, words().noAnswer)];
  const best = answers[0];
  const nodes = answers.map((answer, i) => bar(answer.answer, answer.score, i === 0));
  return [...nodes, highlight(row.context, [{ start: best.start, end: best.end, label: "" }])];
}

async function generate(model, mine) {
  const prompt = values(model).text;
  const written = element("span", { class: "written" });
  $("result").replaceChildren(element("div", { class: "text" }, prompt, written));
  const response = await send(`api/models/${model.name}/generate`, { prompt, ...sampling() });
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done || mine !== request) return;
    rest += decoder.decode(value, { stream: true });
    const lines = rest.split("\n");
    rest = lines.pop();
    for (const line of lines) {
      const found = JSON.parse(line);
      if (found.error) throw new Error(found.error);
      written.textContent = found.continuation;
    }
  }
}

async function compare(model, mine) {
  const text = values(model).text;
  const others = $("input-sentences").value.split("\n").filter((line) => line.trim());
  const response = await send(`v1/models/${model.name}:predict`, { instances: [text, ...others] });
  const vectors = (await response.json()).predictions;
  if (mine !== request) return;
  const near = others.map((other, i) => [other, cosine(vectors[0], vectors[i + 1])]);
  near.sort((a, b) => b[1] - a[1]);
  const size = element("p", { class: "muted" }, `${vectors[0].length} ${words().dimensions}`);
  $("result").replaceChildren(...near.map(([other, value], i) => bar(other, value, i === 0)), size);
}

function cosine(a, b) {
  let dot = 0, left = 0, right = 0;
  for (let i = 0; i < a.length; i++) { dot += a[i] * b[i]; left += a[i] ** 2; right += b[i] ** 2; }
  return dot / Math.sqrt(left * right || 1);
}

function quoted(text) { return `'${text.replaceAll("'", "'\\''")}'`; }

function snippets(model) {
  const generates = model.kind === "continuation";
  const path = generates ? `api/models/${model.name}/generate` : `v1/models/${model.name}:predict`;
  const url = new URL(path, location.href).href;
  const body = JSON.stringify(generates ? { prompt: values(model).text, ...sampling() } : { instances: [values(model)] }, null, 1);
  const auth = token ? " -H 'Authorization: Bearer TOKEN'" : "";
  const head = token ? ', headers={"Authorization": "Bearer TOKEN"}' : "";
  const end = generates ? "print(answer.text)" : 'print(answer.json()["predictions"])';
  return {
    curl: `curl ${url}${auth} \\\n  -H 'Content-Type: application/json' -d ${quoted(body)}`,
    Python: `import requests\n\nbody = ${python(JSON.parse(body))}\nanswer = requests.post("${url}", json=body${head})\n${end}`,
    JSON: `POST ${new URL(url).pathname}\n\n${body}`,
  };
}

function python(value) { return JSON.stringify(value); }

function showCode() {
  const model = current();
  if (!model) return;
  const found = snippets(model);
  $("tabs").replaceChildren(...Object.keys(found).map((name) => {
    const chosen = name === tab;
    const button = element("button", {
      type: "button", role: "tab", "aria-selected": String(chosen), "aria-controls": "snippet",
      tabindex: chosen ? "0" : "-1",
    }, name);
    button.addEventListener("click", () => chooseTab(name));
    return button;
  }));
  $("snippet").textContent = found[tab];
  $("copy").textContent = words().copy;
}

function chooseTab(name) {
  tab = name;
  showCode();
  $("tabs").querySelector("[aria-selected=true]").focus();
}

function moveTab(event) {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (!step) return;
  const names = Object.keys(snippets(current()));
  chooseTab(names[(names.indexOf(tab) + step + names.length) % names.length]);
}

async function load() {
  try {
    models = (await (await send("api/models")).json()).models;
    showError(null);
  } catch (error) {
    showError(error);
    return;
  }
  $("model").replaceChildren(...models.map((model) => element("option", { value: model.name }, model.name)));
  showModel();
}

$("model").addEventListener("change", showModel);
$("form").addEventListener("submit", (event) => { event.preventDefault(); run(); });
$("token").addEventListener("change", () => { token = $("token").value; load(); });
$("language").addEventListener("click", () => { language = language === "ko" ? "en" : "ko"; translate(); });
$("tabs").addEventListener("keydown", moveTab);
$("max-tokens").addEventListener("input", showCode);
$("temperature").addEventListener("input", showCode);
$("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText($("snippet").textContent);
    $("copy").textContent = words().copied;
  } catch {
    getSelection().selectAllChildren($("snippet"));  // without a clipboard: ready for Ctrl-C
  }
});
translate();
load();
