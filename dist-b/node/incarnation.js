/** Draws 64 random bits, as 16 hex digits. */
export function drawIncarnation({ chance }) {
    const half = () => Math.floor(chance() * 2 ** 32).toString(16).padStart(8, '0');
    return half() + half();
}
