/** The console's mark with the name beside it, for the dark bar of Swagger UI. */
export const DOCS_LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 92 24" role="img" aria-label="Axial">
  <g fill="none" stroke="#5fb0e6" stroke-width="2">
    <ellipse cx="12" cy="12" rx="10" ry="4.2" />
    <ellipse cx="12" cy="12" rx="6.6" ry="10" opacity=".7" />
    <circle cx="12" cy="12" r="1.6" fill="#5fb0e6" stroke="none" />
  </g>
  <text x="30" y="18" fill="#fff" font-family="system-ui, sans-serif" font-size="18" font-weight="600">Axial</text>
</svg>`;

/** The mark alone, as the console's tab has it. */
export const DOCS_ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="none" stroke="#2f86c1" stroke-width="2">
  <ellipse cx="12" cy="12" rx="10" ry="4.2" />
  <ellipse cx="12" cy="12" rx="6.6" ry="10" opacity=".55" />
  <circle cx="12" cy="12" r="1.6" fill="#2f86c1" stroke="none" />
</svg>`;
