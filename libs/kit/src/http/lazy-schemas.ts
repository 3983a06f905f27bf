import ajvCompiler from "@fastify/ajv-compiler";
import serializerCompiler from "@fastify/fast-json-stringify-compiler";

type BuildValidator = ReturnType<typeof ajvCompiler>;
type BuildSerializer = ReturnType<typeof serializerCompiler>;

const validators = ajvCompiler();
const serializers = serializerCompiler();

const buildValidator: BuildValidator = (shared, options) => {
  const compile = validators(shared, options);
  return (definition) => {
    let compiled: ReturnType<typeof compile> | undefined;
    const validate = (data: unknown) => {
      compiled ??= compile(definition);
      const valid = compiled(data);
      // Fastify reads the errors from the function that it has called.
      Object.assign(validate, { errors: compiled.errors });
      return valid;
    };
    return validate as ReturnType<typeof compile>;
  };
};

const buildSerializer: BuildSerializer = (shared, options) => {
  const compile = serializers(shared, options);
  return (definition) => {
    let compiled: ReturnType<typeof compile> | undefined;
    return (data: unknown) => {
      compiled ??= compile(definition);
      return compiled(data);
    };
  };
};

/**
 * Fastify's own compilers of schemas, but each schema is compiled when its first request comes:
 * to compile those of every route was a third of the CPU time of a start.
 */
export const LAZY_SCHEMAS = { compilersFactory: { buildValidator, buildSerializer } };
