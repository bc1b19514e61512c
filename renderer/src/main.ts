import './styles/index.css';
import { mount } from 'svelte';
import AppShell from './App.svelte';
import { createApp } from './state/app.svelte.ts';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
mount(AppShell, { target, props: { app: createApp(window.api) } });
