import { serveTenants } from "@axial/imaging";
import { type DecidedPlan, decidePlan, type PlanRequest } from "./decide-plan.ts";

/** The script of a thread that plans studies of very many slices. */
serveTenants<PlanRequest, DecidedPlan>({ run: async (request) => decidePlan(request) });
