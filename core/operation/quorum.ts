/** How many of so many voters decide. */
export function quorumOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}

/** Whether the voters that are well go on deciding when one leaves: those that stay are enough of those that are left to be counted. */
export function staysQuorate(
  voters: readonly { readonly id: string; readonly isWell: boolean }[],
  leaving: string,
): boolean {
  const staying = voters.filter(({ id }) => id !== leaving);
  return staying.filter(({ isWell }) => isWell).length >= quorumOf(staying.length);
}
