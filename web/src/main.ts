// Starts the page: theme before first paint, then session, router and the shell.
import ElementPlus from 'element-plus'
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import 'element-plus/dist/index.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import './styles/tokens.css'
import './styles/base.css'
import './styles/element.css'
import App from './App.vue'
import { router } from './router'
import { startTheme } from './ui/theme'

startTheme()
createApp(App).use(createPinia()).use(router).use(ElementPlus).mount('#app')
