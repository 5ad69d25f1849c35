// Ask `kortf serve`, or TF Serving, from JavaScript (Node 18 or newer; there is no CORS header, so a
// browser asks only from the server's own address):
//
//   node examples/serving/rest_client.mjs http://localhost:8501 nsmc '배우들의 연기가 훌륭하다'

export async function predict(server, model, texts, token = "") {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const response = await fetch(`${server}/v1/models/${model}:predict`, {
    method: "POST",
    headers,
    body: JSON.stringify({ instances: texts }),
    signal: AbortSignal.timeout(30_000),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error);
  return answer.predictions;
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const [server, model, ...texts] = process.argv.slice(2);
  for (const row of await predict(server, model, texts)) console.log(JSON.stringify(row));
}
