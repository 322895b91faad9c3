import { projectConfig } from '../../jest.preset.mjs';

export default projectConfig('docs-checks');
