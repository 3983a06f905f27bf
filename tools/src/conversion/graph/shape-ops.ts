import { UnconvertibleError } from "../network/network-builder.ts";
import { poolGlobally } from "../network/pooling.ts";
import { concatenate, flatten, padImage, reshape } from "../network/reshape.ts";
import { constantInts, feature, type OpConverter, type Operation } from "./operation.ts";

/** Operations that rearrange or reduce values. */
export const SHAPE_OPS: Readonly<Record<string, OpConverter>> = {
  Reshape: (net, operation) => {
    const input = feature(operation, 0);
    const [batch, ...target] = constantInts(operation, 1);
    if (batch !== -1 && batch !== 1) throw new UnconvertibleError(`${operation.name} of the batch`);
    const flat = target.length === 1 && input.shape.length === 3;
    return flat ? flatten(net, input) : reshape(net, input, target);
  },
  Squeeze: (net, operation) => {
    const input = feature(operation, 0);
    const listed = operation.attributes.ints("squeeze_dims");
    const axes = listed.map((axis) => (axis < 0 ? axis + input.shape.length + 1 : axis));
    const kept = input.shape.filter(
      (size, index) => !(axes.length === 0 ? size === 1 : axes.includes(index + 1)),
    );
    return reshape(net, input, kept);
  },
  ConcatV2: (net, operation) => {
    const last = operation.operands.length - 1;
    const [axis = -1] = constantInts(operation, last);
    const inputs = operation.operands.slice(0, last).map((_, index) => feature(operation, index));
    return concatenate(net, inputs, axis);
  },
  Pad: padding,
  PadV2: padding,
  Mean: overImage("mean"),
  Max: overImage("max"),
};

function padding(...[net, operation]: Parameters<OpConverter>): ReturnType<OpConverter> {
  const [, , top, bottom, left, right] = constantInts(operation, 1);
  const others = constantInts(operation, 1).filter((_, index) => index < 2 || index > 5);
  const [value = 0] = operation.operands.length > 2 ? constantInts(operation, 2) : [];
  const given = [top, bottom, left, right].every((size) => size !== undefined);
  if (!given || others.some((size) => size !== 0)) {
    throw new UnconvertibleError(`${operation.name} of other axes than height and width`);
  }
  return padImage(net, feature(operation, 0), {
    vertical: [top ?? 0, bottom ?? 0],
    horizontal: [left ?? 0, right ?? 0],
    value,
  });
}

function overImage(kind: "max" | "mean"): OpConverter {
  return (net, operation) => {
    const input = feature(operation, 0);
    assertHeightAndWidth(operation, input.shape.length + 1);
    return poolGlobally(net, input, { kind, keepAxes: operation.attributes.flag("keep_dims") });
  };
}

function assertHeightAndWidth(operation: Operation, rank: number): void {
  const axes = constantInts(operation, 1).map((axis) => (axis < 0 ? axis + rank : axis));
  if (axes.toSorted((a, b) => a - b).join() === "1,2") return;
  throw new UnconvertibleError(`${operation.name} over axes ${axes}`);
}
