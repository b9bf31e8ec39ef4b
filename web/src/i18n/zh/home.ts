// First screens of the roles.
export const home = {
  leader: '首页',
  duty: '值班台',
  dispatch: '调度台',
  operator: '会控',
  planner: '资源质量',
}
