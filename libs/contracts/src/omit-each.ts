/** `Omit` of each member of a union, which stays a union. */
export type OmitEach<Union, Keys extends PropertyKey> = Union extends unknown
  ? Omit<Union, Keys>
  : never;
