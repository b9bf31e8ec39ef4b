// Pages of the three administrators.
export const admin = {
  system: '系统',
  security: '安全',
  audit: '审计',
}
