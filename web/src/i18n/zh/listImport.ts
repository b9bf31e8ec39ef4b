// Import of a list of experts or assets.
export const listImport = {
  file: '文件',
  preview: '预览',
  apply: '导入',
  applied: '已导入',
  has_problems: '有错误行',
  rows: '共',
  new: '新增',
  changed: '变更',
  same: '不变',
  wrong: '错误',
  line: '行',
  field: '项目',
  value: '原值',
  skip: '略过错误行，只导入正确的行',
}
