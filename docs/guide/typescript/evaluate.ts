// Creates a version, waits for its runs and returns whether its verdict is PASS. The key must have the role Operator in the tenant.
import createClient from "openapi-fetch";
import type { components, paths } from "./evaljobs.js";

type Run = components["schemas"]["RunView"];

export async function evaluate(url: string, key: string, agent: string, label: string, target: Record<string, unknown>): Promise<boolean> {
  const api = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });

  // A request that is sent again with the same Idempotency-Key gets the first answer; nothing is created twice.
  const created = await api.POST("/api/v1/versions", {
    params: { header: { "Idempotency-Key": crypto.randomUUID() } },
    body: { agent, label, state: "TESTING", genome: { target } },
  });
  if (created.error) throw new Error(`${created.error.title}: ${created.error.detail ?? ""} ${created.error.remedy ?? ""}`);

  for (const { id } of created.data.runs) {
    let run: Run | undefined;
    do {
      const answer = await api.GET("/api/v1/runs/{id}", { params: { path: { id }, header: { Prefer: "wait=60" } } });
      if (answer.error) throw new Error(answer.error.title);
      run = answer.data;
    } while (run.status === "PENDING" || run.status === "RUNNING");
    console.log(`run ${run.id}: ${run.status}, ${run.passedCount} of ${run.caseCount} passed`);
  }

  const standing = await api.GET("/api/v1/versions/{id}/standing", { params: { path: { id: created.data.version.id } } });
  if (standing.error) throw new Error(standing.error.title);
  return standing.data.verdict === "PASS";
}
