import { AxialError } from "@axial/contracts";
import { UnconvertibleError } from "../network/network-builder.ts";
import { Json } from "../tfjs/json.ts";

/** Output `tensor` of the call `node` of a layer. */
export interface Origin {
  readonly layer: string;
  readonly node: number;
  readonly tensor: number;
}

interface WiredLayer {
  readonly described: Json;
  /** For each call of the layer where its inputs come from. */
  readonly calls: readonly (readonly Origin[])[];
}

/** How the layers of a functional model are connected. */
interface Wiring {
  readonly layers: ReadonlyMap<string, WiredLayer>;
  readonly inputs: readonly Origin[];
  readonly outputs: readonly Origin[];
}

/** Reads the configuration of a functional model. Throws `invalid-model` for anything else. */
export function readWiring(config: Json): Wiring {
  const layers = config.list("layers").map((layer, index) => new Json(layer, `layers[${index}]`));
  return {
    layers: new Map(
      layers.map((described) => [
        described.text("name"),
        { described, calls: described.list("inbound_nodes").map(readCall) },
      ]),
    ),
    inputs: readOrigins(config.list("input_layers")),
    outputs: readOrigins(config.list("output_layers")),
  };
}

function readCall(call: unknown): readonly Origin[] {
  if (!Array.isArray(call)) throw new UnconvertibleError("layers connected as in Keras 3");
  return readOrigins(call);
}

/** One origin stands alone, several in a list. */
function readOrigins(list: readonly unknown[]): readonly Origin[] {
  return typeof list[0] === "string" ? [readOrigin(list)] : list.map(readOrigin);
}

function readOrigin(origin: unknown): Origin {
  const [layer, node = 0, tensor = 0, options] = Array.isArray(origin) ? origin : [];
  if (typeof layer !== "string" || typeof node !== "number" || typeof tensor !== "number") {
    throw new AxialError("invalid-model", { detail: "a layer is connected to nothing" });
  }
  if (options !== undefined && Object.keys(options as object).length > 0) {
    throw new UnconvertibleError(`layer ${layer} called with options`);
  }
  return { layer, node, tensor };
}
