import { FIELD, type OnnxModel, type OnnxNode, type OnnxValue } from "./onnx-graph.ts";
import { bytesField, intField, joined } from "./protobuf-writer.ts";

/** Operator set and file version of the models that are built here. */
export const OPSET = 17;
const IR_VERSION = 8;
const PRODUCER = "axial";

/** The bytes of an ONNX file. */
export function writeOnnx(model: OnnxModel): Uint8Array {
  return joined([model.rest, bytesField(FIELD.model.graph, writeGraph(model))]);
}

/** What a model built here has around its graph. */
export function freshModel(name: string): Pick<OnnxModel, "rest" | "graphRest"> {
  const opset = intField(FIELD.opset.version, OPSET);
  return {
    graphRest: bytesField(FIELD.graph.name, name),
    rest: joined([
      intField(FIELD.model.irVersion, IR_VERSION),
      bytesField(FIELD.model.producer, PRODUCER),
      bytesField(FIELD.model.opsetImport, opset),
    ]),
  };
}

function writeGraph({ nodes, initializers, inputs, outputs, graphRest }: OnnxModel): Uint8Array {
  const { graph } = FIELD;
  return joined([
    ...nodes.map((node) => bytesField(graph.node, writeNode(node))),
    ...initializers.map(({ message }) => bytesField(graph.initializer, message)),
    ...inputs.map((input) => bytesField(graph.input, writeValue(input))),
    ...outputs.map((output) => bytesField(graph.output, writeValue(output))),
    graphRest,
  ]);
}

function writeNode({ op, inputs, outputs, attributes, rest }: OnnxNode): Uint8Array {
  const { node } = FIELD;
  return joined([
    ...inputs.map((name) => bytesField(node.input, name)),
    ...outputs.map((name) => bytesField(node.output, name)),
    bytesField(node.op, op),
    ...attributes.map(({ message }) => bytesField(node.attribute, message)),
    rest,
  ]);
}

function writeValue({ name, dataType, dims }: OnnxValue): Uint8Array {
  const { value, type, tensorType, shape, dimension } = FIELD;
  const sizes = dims.map((size) =>
    bytesField(
      shape.dimension,
      typeof size === "number" ? intField(dimension.value, size) : bytesField(dimension.name, size),
    ),
  );
  const tensor = joined([
    intField(tensorType.elementType, dataType),
    bytesField(tensorType.shape, joined(sizes)),
  ]);
  return joined([
    bytesField(value.name, name),
    bytesField(value.type, bytesField(type.tensor, tensor)),
  ]);
}
